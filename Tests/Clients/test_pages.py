"""What a browser shows."""

import html
import re
import shutil
import subprocess

import pytest
from links import links_of

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def test_a_browser_gets_the_links_of_a_row_as_a_page(few_sources, archive):
    page = archive.get(few_sources[0]["access_url"], headers=HTML)
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    for link in links_of(few_sources[0]["access_url"]):
        assert html.escape(link.description.split("(")[0].strip(), quote=False) in page.text
    assert "Accept" in page.headers.get("Vary", "")


def test_the_front_page_leads_into_the_archive(archive):
    page = archive.get("/", headers=HTML)
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert archive.base + "/tap" in page.text


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_chromium_shows_the_links_of_a_row(few_sources, tmp_path):
    picture = tmp_path / "links.png"
    subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + str(tmp_path / "profile"), "--window-size=1200,900",
         "--screenshot=" + str(picture), few_sources[0]["access_url"]],
        check=True, capture_output=True, timeout=120)
    assert picture.stat().st_size > 5000


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
@pytest.mark.parametrize(("query", "verdict"), [
    ("SELECT nothing FROM gaia.completesource", r"1:8 unknown column .nothing."), ("SELECT TOP 3 ra, dec FROM gaia.completesource", r"2 columns, about 3 rows"),
])
def test_chromium_has_the_query_checked_as_it_is_typed(archive, tmp_path, query, verdict):
    # The page itself, with somebody who types.
    page = archive.get("/", headers=HTML).text
    typing = '<script>{{ const q = document.getElementById("query"); q.value = "{}"; q.dispatchEvent(new Event("input")); }}</script>'.format(query)
    copy = tmp_path / "page.html"
    copy.write_text(page.replace("</body>", typing + "</body>"))
    shown = subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--user-data-dir=" + str(tmp_path / "profile"),
         "--virtual-time-budget=5000", "--dump-dom", copy.as_uri()],
        check=True, capture_output=True, text=True, timeout=120).stdout
    told = re.search(r'<pre id="check"[^>]*>(.*?)</pre>', shown, re.DOTALL).group(1)
    assert re.search(verdict, html.unescape(told)), told
