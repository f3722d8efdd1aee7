"""A headless Chromium, driven as a person drives it, and what can be measured of the pages that it shows."""

import base64
import pathlib
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

WIDE, NARROW = (1280, 900), (390, 844)


class Browser:
    def __init__(self, folder, script=True):
        self.downloads = pathlib.Path(folder, "downloads")
        self.downloads.mkdir(parents=True)
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server", "--hide-scrollbars",
                         "--user-data-dir={}".format(pathlib.Path(folder, "profile"))):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.add_experimental_option("prefs", {
            "download.default_directory": str(self.downloads), "download.prompt_for_download": False,
            "profile.managed_default_content_settings.javascript": 1 if script else 2,
        })
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(60)
        self.look(WIDE)

    def quit(self):
        self.driver.quit()

    def look(self, size=WIDE, scheme="light"):
        """Gives the window its size, and the reader a liking for dark or light."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, url):
        self.driver.get(url)

    @property
    def title(self):
        return self.find("h1").text

    @property
    def text(self):
        return self.find("body").text

    def find(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def find_all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def press(self, words, inside="main"):
        """Clicks the first link or button that says so, and waits for the page that comes of it."""
        before = self.find("html")
        for candidate in self.find(inside).find_elements(By.CSS_SELECTOR, "a, button"):
            if candidate.text.strip() == words:
                candidate.click()
                return before
        raise AssertionError("there is no button \"{}\" on the page \"{}\"".format(words, self.title))

    def follow(self, words, inside="main"):
        before = self.press(words, inside)
        self.wait(lambda: self.find("html") != before and self.find_all("h1"), "the page behind \"{}\"".format(words))

    def download(self, words, inside="main"):
        """Clicks, and gives the path of the file that is saved."""
        known = set(self.downloads.iterdir())
        self.press(words, inside)
        self.wait(lambda: self.saved(known), "the file behind \"{}\"".format(words))
        return self.saved(known)

    def saved(self, known):
        new = [path for path in set(self.downloads.iterdir()) - known if not path.name.startswith(".") and path.suffix not in (".crdownload", ".tmp")]
        return new[0] if new else None

    def wait(self, happens, what):
        WebDriverWait(self.driver, 60, poll_frequency=0.05, ignored_exceptions=[Exception]).until(lambda _: happens(), "waited in vain for " + what)

    def picture(self, path):
        """The page from top to bottom."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}})
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def complaints(self):
        """What the console has to say of faults."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    # What can be measured

    def overflow(self):
        """Pixels by which the page is wider than its window."""
        return self.driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def cut_off(self):
        """Blocks whose content must be scrolled sideways, but for tables of data and code."""
        return self.driver.execute_script("""
            return [...document.querySelectorAll("main *:not(.data, pre, textarea, .hidden)")]
                .filter(block => !block.closest(".data, .hidden") && block.checkVisibility() && block.scrollWidth > block.clientWidth + 1
                    && getComputedStyle(block).overflowX !== "visible")
                .map(block => block.outerHTML.slice(0, 80))""")

    def faint_texts(self):
        """Texts that stand out from their ground by less than WCAG 2.2's 4.5 (§1.4.3), with the ratio."""
        return self.driver.execute_script(CONTRAST)

    def nameless_fields(self):
        """Fields and buttons that who hears the page can't tell what they are for."""
        return self.driver.execute_script("""
            return [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href]")]
                .filter(field => !field.closest("[hidden]") && !(field.labels?.length && [...field.labels].some(label => label.textContent.trim()))
                    && !field.getAttribute("aria-label") && !field.textContent.trim())
                .map(field => field.outerHTML.slice(0, 120))""")


CONTRAST = """
const parse = text => {
  const numbers = text.match(/[\\d.]+/g).map(Number);
  return text.startsWith("color(srgb") ? [...numbers.slice(0, 3).map(part => part * 255), numbers[3] ?? 1] : [...numbers.slice(0, 3), numbers[3] ?? 1];
};
const blend = (top, ground) => [0, 1, 2].map(part => top[part] * top[3] + ground[part] * (1 - top[3]));
const luminance = colour => {
  const [red, green, blue] = colour.map(part => { part /= 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const groundOf = element => {
  const layers = [];
  for (let place = element; place; place = place.parentElement) {
    const colour = parse(getComputedStyle(place).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reverse().reduce((ground, layer) => blend(layer, ground), [255, 255, 255]);
};
const faint = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, style, noscript, .hidden, .skip, option, :disabled")) continue;
  const ground = groundOf(element), text = blend(parse(getComputedStyle(element).color), ground);
  const [lighter, darker] = [luminance(text), luminance(ground)].sort((a, b) => b - a);
  const ratio = (lighter + 0.05) / (darker + 0.05);
  if (ratio < 4.5) faint.push([walker.currentNode.data.trim().slice(0, 60), Math.round(ratio * 100) / 100]);
}
return faint;
"""
