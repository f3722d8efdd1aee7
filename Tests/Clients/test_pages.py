"""What a browser gets; what becomes of it is in test_browser.py."""

import html

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


def test_pages_and_documents_share_addresses(archive, few_sources):
    for path in (few_sources[0]["access_url"], "/tap/async"):
        page, document = archive.get(path, headers=HTML), archive.get(path)
        assert page.headers["Content-Type"] == "text/html; charset=utf-8" and "xml" in document.headers["Content-Type"], path
        assert "Accept" in page.headers["Vary"] and "Accept" in document.headers["Vary"], path


def test_a_query_can_be_brought_to_the_form(archive):
    page = archive.get("/", params={"QUERY": 'SELECT "a<b" FROM t -- </textarea>', "MAXREC": "7"}, headers=HTML)
    assert "SELECT \"a&lt;b\" FROM t -- &lt;/textarea&gt;</textarea>" in page.text and 'value="7"' in page.text


def test_what_comes_from_outside_is_never_markup(archive):
    evil = "<img src=x onerror=alert(1)>"
    answers = [
        archive.get("/", params={"QUERY": evil, "MAXREC": '"' + evil, "RESPONSEFORMAT": evil}, headers=HTML),
        archive.get("/datalink", params={"id": [evil, evil + "2"]}, headers=HTML),
        archive.get("/tap/sync", params={"LANG": "ADQL", "QUERY": "SELECT " + evil + " FROM t", "RESPONSEFORMAT": "html"}, headers=HTML),
        archive.get("/tap/sync", params={"LANG": "ADQL", "QUERY": "SELECT TOP 1 '" + evil + "' AS \"" + evil + "\" FROM gaia.completesource", "RESPONSEFORMAT": "html"}, headers=HTML),
        archive.get("/files/" + evil.replace("/", ""), headers=HTML), archive.get("/tap/async/" + evil.replace("/", ""), headers=HTML),
    ]
    for answer in answers:
        assert answer.headers["Content-Type"].startswith("text/html"), answer.url
        assert "<img" not in answer.text and "&lt;img" in answer.text, answer.url
