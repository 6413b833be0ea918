"""What attached files say is found beside the articles, and on a page of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from read_archive import DAY, HOME, XSS, Server, serving

from archive.attachments.run import read_attachments
from archive.database import open_for_writing, transaction
from archive.exchange import Exchange
from archive.ingest import ArchiveWriter, SiteFacts
from archive.schema import Article, Attachment, PageKind, Reading
from archive.withholding import withhold

FILES = 22


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("archive")
    fill(root)
    with serving(root) as server:
        yield server


def fill(root: Path) -> None:
    """Notices whose text is in a file each; the first has a hostile name and text, the last is
    withheld."""
    with ArchiveWriter.open(root, "crawl", [], clock=lambda: DAY + timedelta(days=1)) as writer:
        writer.record_site(SiteFacts("tho-xuan", "Huyện Thọ Xuân", "Thanh Hóa", HOME, "active"))

        def put(url: str, body: bytes, media_type: str) -> int:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n".encode()
            return writer.record_exchange(
                "tho-xuan",
                Exchange(
                    url, DAY, response_head=head, payload=body, status=200, media_type=media_type
                ),
            )

        for number in range(FILES + 1):
            label = XSS if number == 0 else f"Công văn {number}"
            file = Attachment(f"{HOME}/tep/{number}.txt", label, "text/plain")
            text = f"Về việc khơi thông cống rãnh, lần {number}. {XSS if number == 0 else ''}"
            put(file.url, text.encode(), "text/plain")
            article = Article(
                f"{HOME}/tin/{number}.html", f"Thông báo số {number}", attachments=(file,),
                published_at=f"2021-01-{number + 1:02}",
            )  # fmt: skip
            page = put(article.url, f"<h1>{article.title}</h1>".encode(), "text/html")
            writer.record_reading(page, Reading(PageKind.ARTICLE, "test", "1", article))
    read_attachments(root, clock=lambda: DAY + timedelta(days=2))
    with closing(open_for_writing(root)) as connection, transaction(connection):
        (last,) = connection.execute("SELECT max(id) FROM article").fetchone()
        now = "2024-03-08T00:00:00.000000Z"
        withhold(connection, last, [], reason="đơn", person="thủ thư", now=now)


def test_a_search_shows_the_best_files_and_leads_to_all(server: Server) -> None:
    page = server.get("/search?q=khoi+thong+cong+ranh").text
    assert "Không tìm thấy bài nào" in page  # no article says so itself
    section = page.partition('id="attached"')[2]
    assert section.count('<a href="/file/') == 3
    assert "<mark>khơi thông cống rãnh</mark>" in section
    assert 'href="/files?q=khoi+thong+cong+ranh"' in section


def test_all_files_are_paged(server: Server) -> None:
    first = server.get("/files?q=khoi+thong&lang=en").text
    assert first.count('<a href="/file/') == 20
    assert "whole text" in first
    assert 'href="/files?q=khoi+thong&amp;page=2&amp;lang=en"' in first
    second = server.get("/files?q=khoi+thong&page=2").text
    assert second.count('<a href="/file/') == FILES - 20
    assert 'rel="next"' not in second


def test_a_hit_leads_to_its_place_in_the_text(server: Server) -> None:
    page = server.get("/files?q=%22lan+7%22").text
    link = re.search(r'href="(/file/(\d+)/text)#p1"', page)
    assert link is not None
    text = server.get(link[1]).text
    assert '<section id="p1"' in text
    assert "khơi thông cống rãnh, lần 7" in text
    assert f'href="/file/{link[2]}"' in text
    article = re.search(r'href="(/article/\d+)"', page)
    assert article is not None
    assert f'href="{link[1]}"' in server.get(article[1]).text
    hostile = server.get(re.findall(r"/file/\d+/text", server.get("/files?q=%22lan+0%22").text)[0])
    assert "<script" not in hostile.text
    assert server.get("/file/2/text").status == 404  # a page, not a file
    assert server.get("/file/999/text").status == 404


def test_filters_hold_for_files_too(server: Server) -> None:
    page = server.get("/files?q=khoi+thong&from=2021-01-05&to=2021-01-05").text
    assert page.count('<a href="/file/') == 1
    assert "Công văn 4" in page
    assert "Không có tệp nào" in server.get("/files?q=khoi+thong&site=vi-thuy").text
    assert server.get("/files").status == 404


def test_a_hostile_file_name_stays_text(server: Server) -> None:
    for path in ("/search?q=%22lan+0%22", "/files?q=%22lan+0%22"):
        page = server.get(path).text
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert "<svg" not in page


def test_a_file_of_a_withheld_article_is_not_found(server: Server) -> None:
    for path in (f"/search?q=%22lan+{FILES}%22", f"/files?q=%22lan+{FILES}%22"):
        assert f"Công văn {FILES}" not in server.get(path).text


def test_the_text_of_a_file_names_the_articles_that_offer_it(server: Server) -> None:
    document = json.loads(server.get("/api/files?q=khoi+thong+lan+7").text)
    file = next(file for file in document["files"] if file["label"] == "Công văn 7")
    page = server.get(file["text"].removeprefix(server.address)).text
    article = file["articles"][0]["article_id"]
    assert f'<a href="/article/{article}" lang="vi">Thông báo số 7</a>' in page
    assert page.count('href="/article/') == 1


def test_programs_search_the_files_page_by_page(server: Server) -> None:
    path, found = "/api/files?q=khoi+thong+cong&limit=10", []
    pages = 0
    while path:
        document = json.loads(server.get(path).text)
        found += document["files"]
        path = (document["next"] or "").removeprefix(server.address)
        pages += 1
    assert pages == 3
    assert len(found) == len({file["capture_id"] for file in found}) == FILES
    file = next(file for file in found if file["label"] == "Công văn 3")
    schemas = json.loads(server.get("/api/openapi.json").text)["components"]["schemas"]
    for name, given in (
        ("Files", document), ("File", file), ("Part", file["parts"][0]),
        ("Offering", file["articles"][0]),
    ):  # fmt: skip
        assert set(schemas[name]["required"]) == set(given)
    part = file["parts"][0]
    start, end = part["snippet_spans"][0]
    assert part["snippet"][start:end].startswith("khơi thông")
    assert (part["kind"], part["number"]) == ("text", 1)
    assert [article["title"] for article in file["articles"]] == ["Thông báo số 3"]
    for link in (file["file"], file["text"], file["articles"][0]["api"]):
        assert server.get(link.removeprefix(server.address)).status == 200


def test_filters_and_withholding_hold_for_programs_too(server: Server) -> None:
    def labels(more: str) -> set[str]:
        document = json.loads(server.get(f"/api/files?q=khoi+thong&limit=100{more}").text)
        return {file["label"] for file in document["files"]}

    assert f"Công văn {FILES}" not in labels("")
    assert labels("&from=2021-01-04&to=2021-01-05") == {"Công văn 3", "Công văn 4"}
    assert labels("&site=nowhere") == set()
    notes = json.loads(server.get("/api/files?q=khoi&from=hom-qua").text)["notes"]
    assert notes == ["not a date: hom-qua"]
    again = server.get("/api/files?q=khoi+thong")
    assert server.get("/api/files?q=khoi+thong", if_none_match=again.headers["etag"]).status == 304
