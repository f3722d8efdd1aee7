"""The way of a person at a browser: query, links, selection, download; with script and without, in the dark and in the light, wide and narrow.

ALMAGEST_TEST_PICTURES names a folder that keeps pictures of all pages.
"""

import os
import pathlib
import shutil

import h5py
import pytest
from archive import Archive
from browser import NARROW, WIDE, Browser
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.skipif(not (shutil.which("chromium") and shutil.which("chromedriver")), reason="chromium and its driver are not installed")

SOURCES = "SELECT TOP 12 * FROM gaia.completesource ORDER BY phot_g_mean_mag, source_id"


@pytest.fixture(scope="module", params=["script", "no script"])
def either(request, workplace):
    browser = Browser(workplace / request.param.replace(" ", "-"), script=request.param == "script")
    browser.has_script = request.param == "script"
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def browser(workplace):
    browser = Browser(workplace / "browser")
    yield browser
    browser.quit()


def ask(browser, archive, query, words="Run"):
    browser.open(archive.base + "/")
    field = browser.find("#query")
    field.clear()
    field.send_keys(query)
    browser.follow(words)


def objects(path):
    with h5py.File(path) as product:
        return sorted(name for name in product if name != "manifest"), [row["status"].decode() for row in product["manifest"][()]]


def test_from_the_query_over_marked_rows_to_one_file(either, archive, originals):
    ask(either, archive, SOURCES)
    assert either.title == "Query result" and "That is the whole result." in either.text
    marks = either.find_all("tbody input[type=checkbox]")
    assert len(marks) == 12
    for mark in marks[1:4]:
        mark.click()
    if either.has_script:
        assert "3 rows marked" in either.text
    either.follow("Links of the marked rows")
    assert either.title == "Links of 3 rows" and "Cut & Merge of 3 selected rows" in either.text
    names, statuses = objects(either.download("Cut & Merge", ".main-thing"))
    assert len(names) == 3 and statuses == ["ok"] * 3
    # The original, as it is.
    whole = either.download("Download file")
    assert whole.read_bytes() == originals.path(whole.name).read_bytes()
    # The selection, and on to the transits of its sources.
    either.follow("See the selection")
    assert either.title == "Selection of 3 rows"
    either.driver.back()
    either.follow("See table")
    assert either.title == "Query result" and either.find_all("tbody tr")


def test_a_row_is_followed_and_taken_out_again(either, archive):
    ask(either, archive, SOURCES)
    for number in (0, 1):
        either.find_all("tbody td a")[number].click()
        either.wait(lambda: either.title != "Query result", "the links of a row")
        if number == 0:
            either.driver.back()
            either.wait(lambda: either.title == "Query result", "the result")
    assert "Cut & Merge of 2 selected rows" in either.text
    either.follow("See the selection")
    assert either.title == "Selection of 2 rows"
    either.follow("Take out")
    assert either.title == "Selection of 1 row"
    names, statuses = objects(either.download("Cut & Merge"))
    assert len(names) == 1 and statuses == ["ok"]


def test_a_result_leads_back_to_its_query_and_on_to_other_formats(either, archive):
    query = "SELECT TOP 3 source_id, phot_g_mean_mag\nFROM gaia.completesource WHERE phot_g_mean_mag < 18 AND ra + 1 > 0 ORDER BY source_id"
    ask(either, archive, query)
    assert not either.find_all("tbody input"), "there is nothing to mark where rows have no names"
    lines = either.download("CSV").read_text().splitlines()
    assert lines[0] == "source_id,phot_g_mean_mag" and len(lines) == 4
    either.follow("Edit the query")
    assert either.find("#query").get_attribute("value") == query


def test_an_error_says_what_to_change_and_leads_back(either, archive):
    ask(either, archive, "SELECT ra, nothing FROM gaia.completesource")
    assert either.title == "That did not work" and 'unknown column "nothing" in gaia.completesource (line 1, column 12)' in either.text
    either.follow("Edit the query")
    assert either.find("#query").get_attribute("value") == "SELECT ra, nothing FROM gaia.completesource"
    if either.has_script:
        either.wait(lambda: "1:12 unknown column" in either.find("#check").text, "the verdict")
    either.open(archive.base + "/nowhere")
    assert either.title == "Not found"
    either.follow("To the front page")
    assert either.title == "Almagest"


def test_a_query_runs_as_a_job(either, archive):
    ask(either, archive, SOURCES, "Run as a job")
    assert either.title.startswith("Job ")
    either.wait(lambda: "COMPLETED" in either.text, "the job's end")
    assert "12 rows" in either.text
    either.follow("See the result")
    assert len(either.find_all("tbody tr")) == 12
    either.driver.back()
    either.wait(lambda: either.title.startswith("Job "), "the job")
    address = either.driver.current_url
    either.follow("Jobs", "nav")
    assert any(link.get_attribute("href") == address for link in either.find_all("td a"))
    either.open(address)
    either.follow("Delete")
    assert either.title == "Jobs" and not any(link.get_attribute("href") == address for link in either.find_all("td a"))


def test_a_job_that_fails_tells_why(browser, archive):
    ask(browser, archive, "SELECT 1 / (ra - ra) FROM gaia.completesource", "Run as a job")
    browser.wait(lambda: "ERROR" in browser.text, "the job's end")
    assert "division by zero" in browser.text
    browser.follow("Edit the query")
    assert browser.title == "Almagest"


@pytest.fixture(scope="module")
def small(archive, database, servers):
    """A server over the same archive that cuts no more than 3 objects at once."""
    small = Archive(archive.folder, database.url, servers[1])
    small.settings |= {"ALMAGEST_CUT_OBJECTS": "3"}
    small.start()
    yield small
    assert small.stop() == 0


def test_what_is_too_large_to_be_cut_at_once_is_offered_as_a_job(either, small):
    ask(either, small, SOURCES)
    for mark in either.find_all("tbody input[type=checkbox]")[:5]:
        mark.click()
    either.follow("Links of the marked rows")
    either.follow("Cut & Merge", ".main-thing")
    assert either.title == "That is too large"
    either.follow("Make it as a job")
    either.wait(lambda: "COMPLETED" in either.text, "the job's end")
    assert "5 objects" in either.text
    names, statuses = objects(either.download("Download the file"))
    assert len(names) == 5 and statuses == ["ok"] * 5


def test_a_selection_is_closed_and_stays_as_it_is(either, archive):
    ask(either, archive, SOURCES)
    either.find_all("tbody td a")[0].click()
    either.wait(lambda: either.title != "Query result", "the links of a row")
    either.follow("See the selection")
    assert "open" in either.text
    either.follow("Close the selection")
    assert "closed" in either.text and not either.find_all("main button")


def test_examples_can_be_tried(browser, archive):
    browser.open(archive.base + "/tap/examples")
    browser.follow("Try it")
    assert browser.title == "Almagest" and browser.find("#query").get_attribute("value").startswith("SELECT")
    browser.follow("Run")
    assert browser.title == "Query result"


def test_the_query_is_checked_while_it_is_typed(browser, archive):
    browser.open(archive.base + "/")
    field = browser.find("#query")
    for query, verdict in (("SELECT nothing FROM gaia.completesource", "1:8 unknown column \"nothing\""), ("SELECT TOP 3 ra, dec FROM gaia.completesource", "2 columns, about 3 rows")):
        field.clear()
        field.send_keys(query)
        browser.wait(lambda: verdict in browser.find("#check").text, verdict)


def test_the_keyboard_suffices(browser, archive):
    browser.open(archive.base + "/")
    focused = lambda: browser.driver.switch_to.active_element
    focused().send_keys(Keys.TAB)
    assert focused().text == "Skip to the content" and focused().is_displayed()
    style = browser.driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"
    # From the skip link over the navigation to the query, and from there on with two keys.
    for _ in range(10):
        focused().send_keys(Keys.TAB)
        if focused().get_attribute("id") == "query":
            break
    focused().send_keys(Keys.CONTROL + "a" + Keys.NULL)
    focused().send_keys(SOURCES)
    before = browser.find("html")
    focused().send_keys(Keys.CONTROL, Keys.ENTER)
    browser.wait(lambda: browser.find("html") != before and browser.title == "Query result", "the result")
    for _ in range(40):
        focused().send_keys(Keys.TAB)
        if focused().get_attribute("type") == "checkbox" and focused().get_attribute("name") == "id":
            break
    focused().send_keys(Keys.SPACE)
    assert "1 row marked" in browser.text
    focused().send_keys(Keys.ENTER)
    browser.wait(lambda: browser.title != "Query result", "the links")


def test_all_rows_are_marked_at_once_and_a_stretch_with_the_shift_key(browser, archive):
    ask(browser, archive, SOURCES)
    marks = browser.find_all("tbody input[type=checkbox]")
    assert not browser.find("button[data-needs-marks]").is_enabled()
    browser.find("input[data-all]").click()
    assert "12 rows marked" in browser.text
    browser.find("input[data-all]").click()
    assert "0 rows marked" in browser.text
    marks[2].click()
    browser.driver.execute_script("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, shiftKey: true}))", marks[6])
    assert "5 rows marked" in browser.text


@pytest.fixture(scope="module")
def pages(browser, archive):
    """The address of each kind of page."""
    found = {"front": archive.base + "/", "examples": archive.base + "/tap/examples", "missing": archive.base + "/nowhere"}
    ask(browser, archive, SOURCES)
    found["result"] = browser.driver.current_url
    links = [link.get_attribute("href") for link in browser.find_all("tbody td a")]
    found["row"] = links[0]
    browser.open(links[0])
    browser.open(links[1])
    found["two"] = links[1]
    browser.follow("See the selection")
    found["selection"] = browser.driver.current_url
    ids = [link.split("id=")[1].split("&")[0] for link in links]
    found["several"] = archive.base + "/datalink?" + "&".join("id=" + name for name in [*ids, "8" * 8 + "-0000-8000-8000-000000000000"])
    found["none"] = archive.base + "/datalink"
    ask(browser, archive, "SELECT ra, nothing FROM gaia.completesource")
    found["error"] = browser.driver.current_url
    found["metadata"] = archive.base + "/tap/sync?LANG=ADQL&RESPONSEFORMAT=html&QUERY=SELECT+*+FROM+tap_schema.columns"
    found["cut"] = archive.base + "/tap/sync?LANG=ADQL&RESPONSEFORMAT=html&MAXREC=2&QUERY=SELECT+ra,dec,id+FROM+gaia.completesource"
    for name, query in (("done", SOURCES), ("failed", "SELECT 1 / (ra - ra) FROM gaia.completesource")):
        ask(browser, archive, query, "Run as a job")
        browser.wait(lambda: not browser.find_all("main[data-refresh]"), "the job's end")
        found[name] = browser.driver.current_url
    found["jobs"] = archive.base + "/tap/async"
    return found


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read(browser, pages, size, scheme):
    browser.look(size, scheme)
    browser.complaints()
    folder = os.environ.get("ALMAGEST_TEST_PICTURES")
    found = {}
    for name, address in pages.items():
        browser.open(address)
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            browser.picture(pathlib.Path(folder, "{}-{}-{}.png".format(name, scheme, size[0])))
        faults = [browser.overflow() > 0 and "{} pixels too wide".format(browser.overflow()), browser.cut_off(), browser.faint_texts(), browser.nameless_fields()]
        dark = browser.driver.execute_script("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0] < 100")
        faults.append(dark != (scheme == "dark") and "not {}".format(scheme))
        if any(faults):
            found[name] = [fault for fault in faults if fault]
    browser.look(WIDE)
    assert not found
    # A page that fails on purpose is no fault of a script.
    assert not [complaint for complaint in browser.complaints() if "Failed to load resource" not in complaint]
