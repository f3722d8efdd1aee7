"""What a browser shows."""

import html
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
