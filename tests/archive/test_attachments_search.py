"""Files are found by what they say, with the page named; what is withheld is not found."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from attachment_files import Served, crawl, docx, xlsx
from click.testing import CliRunner
from stored_articles import START

from archive.attachments.file_text import Ending, FileText, How, Part, PartKind, State
from archive.attachments.index import LEGIBLE
from archive.attachments.run import read_attachments
from archive.attachments.search import search_attachments
from archive.attachments.sources import collect
from archive.attachments.storage import store_file, unread
from archive.commands.context import CommandContext
from archive.commands.search import search as command
from archive.database import open_for_reading, open_for_writing, transaction
from archive.ingest import ArchiveWriter
from archive.schema import Article, Attachment
from archive.search import search
from archive.timestamps import utc_text
from archive.withholding import restore, withhold

HOME = "https://thoxuan.example"
NOW = utc_text(START)


def article(number: int, *names: str, **fields: object) -> Article:
    files = tuple(Attachment(f"{HOME}/tep/{name}", name.upper()) for name in names)
    values = {"title": f"Văn bản {number}", "attachments": files} | fields
    return Article(f"{HOME}/{number}", **values)  # type: ignore[arg-type]


def stored(root: Path, files: dict[str, tuple[Part, ...]], *articles: Article) -> Path:
    """An archive with these articles and with files whose parts are given, as if they were read."""
    served = [Served(f"{HOME}/tep/{name}", name.encode(), "application/pdf") for name in files]
    crawl(root, articles, served)
    with closing(open_for_writing(root)) as connection:
        collect(connection, root)
        for file in unread(connection, (), retry=True):
            parts = files[file.url.rsplit("/", 1)[-1]]
            store_file(connection, file, FileText(Ending(State.DONE, "pdf"), parts), 1, NOW)
    return root


def pages(*texts: str) -> tuple[Part, ...]:
    return tuple(Part(PartKind.PAGE, n, text) for n, text in enumerate(texts, 1))


def names(root: Path, query: str, **options: object) -> list[str]:
    with closing(open_for_reading(root)) as connection:
        hits = search_attachments(connection, query, **options)  # type: ignore[arg-type]
        return [hit.url.rsplit("/", 1)[-1] for hit in hits]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return stored(
        tmp_path,
        {
            "hoa.pdf": pages("Biên bản hoà giải", "Điều 5. Kinh phí thủy lợi"),
            "thuy.pdf": pages("Thủy lợi và kinh phí của xã; hội thi hòa nhạc"),
            "thanh.pdf": pages("Đoàn thanh niên ra quân", "thành niên, thanh thiếu niên"),
        },
        article(1, "hoa.pdf", published_at="2021-03-05T08:00:00+07:00", author="Lê An, Văn phòng"),
        article(
            2, "thuy.pdf", "hoa.pdf", published_at="2022-06-30", category=("Y tế", "Nông nghiệp")
        ),
        article(3, "thanh.pdf"),
    )


def test_a_hit_names_the_file_its_page_and_its_articles(root: Path) -> None:
    with closing(open_for_reading(root)) as connection:
        (hit,) = search_attachments(connection, '"hòa giải"')
    assert (hit.url, hit.label, hit.site, hit.file_type) == (
        f"{HOME}/tep/hoa.pdf",
        "HOA.PDF",
        "tho-xuan",
        "pdf",
    )
    assert [(a.article_id, a.published_at, a.current) for a in hit.articles] == [
        (1, "2021-03-05T08:00:00+07:00", True),
        (2, "2022-06-30", True),
    ]
    assert [(p.label(), p.label("en")) for p in hit.parts] == [("trang 1", "page 1")]
    text = hit.parts[0].snippet
    assert [text.text[a:b] for a, b in text.spans] == ["hoà giải"]
    with closing(open_for_reading(root)) as connection:
        capture = connection.execute(
            "SELECT url FROM capture WHERE id = ?", (hit.capture_id,)
        ).fetchone()
    assert capture["url"] == hit.url


def test_the_command_names_files_below_the_articles(root: Path) -> None:
    def said(*arguments: str) -> str:
        result = CliRunner().invoke(command, arguments, obj=CommandContext(root))
        assert result.exit_code == 0, result.output
        return result.stdout

    shown = said('"hòa giải"')
    assert shown.startswith('No article found for: "hòa giải"')
    for line in ("In attached files", "HOA.PDF", "tho-xuan · article 1", "page 1: Biên bản «hoà"):
        assert line in shown
    assert "In attached files" not in said('"hòa giải"', "--files", "0")
    (hit,) = json.loads(said('"hòa giải"', "--json"))["files"]
    assert hit["url"] == f"{HOME}/tep/hoa.pdf"
    assert hit["parts"][0]["snippet"] == "Biên bản hoà giải"
    assert hit["parts"][0]["snippet_spans"] == [[9, 17]]


def test_words_may_stand_on_different_pages(root: Path) -> None:
    assert names(root, "giải thủy lợi") == ["hoa.pdf"]
    with closing(open_for_reading(root)) as connection:
        (hit,) = search_attachments(connection, "giải thủy lợi")
    assert [part.label() for part in hit.parts] == ["trang 2", "trang 1"]


def test_what_stands_together_comes_first(root: Path) -> None:
    assert names(root, "kinh phi thuy loi") == ["hoa.pdf", "thuy.pdf"]
    assert names(root, "thuy loi va kinh phi") == ["thuy.pdf"]


def test_diacritics_count_when_they_are_typed(root: Path) -> None:
    assert names(root, "thanh nien") == ["thanh.pdf"]
    with closing(open_for_reading(root)) as connection:
        (typed,) = search_attachments(connection, "thành niên")
        (other,) = search_attachments(connection, "thảnh niên")
    assert (typed.exact, typed.parts[0].number) == (True, 2)
    assert not other.exact


def test_the_query_language_is_that_of_articles(root: Path) -> None:
    assert names(root, "thủy lợi -giải") == ["thuy.pdf"]
    assert names(root, "quân OR nhạc") == ["thanh.pdf", "thuy.pdf"]
    assert names(root, "nhac*") == ["thuy.pdf"]
    assert names(root, '") OR (') == []
    assert names(root, "site:tho-xuan") == []  # a filter alone lists articles, not files


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kinh phí site:tho-xuan", ["hoa.pdf", "thuy.pdf"]),
        ("kinh phí site:vi-thuy", []),
        ('kinh phí tinh:"thanh hoa"', ["hoa.pdf", "thuy.pdf"]),
        ('kinh phí tinh:"Tỉnh Thanh Hóa" site:vi-thuy', []),
        ("kinh phí tinh:nghệ-an", []),
        ("kinh phí den:2021", ["hoa.pdf"]),
        ("nhạc den:2021", []),
        ("thanh tu:2020", []),  # its article has no date
        ("kinh phí tu:2022-06-30", ["hoa.pdf", "thuy.pdf"]),
        ('kinh phí tac-gia:"le an"', ["hoa.pdf"]),
        ('kinh phí tac-gia:"lè an"', []),
        ('nhạc chuyen-muc:"y tế"', ["thuy.pdf"]),
        ('nhạc chuyen-muc:"tế nông"', []),
    ],
)
def test_filters_hold_for_an_article_that_offers_the_file(
    root: Path, query: str, expected: list[str]
) -> None:
    assert sorted(names(root, query)) == expected


def test_a_word_with_a_star_is_not_tied_to_the_words_of_articles(root: Path) -> None:
    with closing(open_for_reading(root)) as connection:
        query = search(connection, "nhac*").query
        assert [hit.label for hit in search_attachments(connection, query)] == ["THUY.PDF"]


def test_sites_limit_and_offset(root: Path) -> None:
    assert names(root, "kinh phí", sites=("Tho Xuan",)) != []
    assert names(root, "kinh phí site:tho-xuan", sites=("vi-thuy",)) == []
    both = names(root, "kinh phí")
    assert names(root, "kinh phí", limit=1) == both[:1]
    assert names(root, "kinh phí", limit=5, offset=1) == both[1:]
    assert names(root, "kinh phí", limit=0) == []


def test_noise_that_was_read_in_handwriting_is_stored_and_not_found(tmp_path: Path) -> None:
    noise = Part(PartKind.PAGE, 1, "xe đạp", how=How.OCR, confidence=LEGIBLE - 1)
    print_ = Part(PartKind.PAGE, 2, "xe máy", how=How.OCR, confidence=LEGIBLE)
    stored(tmp_path, {"a.pdf": (noise, print_)}, article(1, "a.pdf"))
    assert names(tmp_path, "xe đạp") == []
    assert names(tmp_path, "xe máy") == ["a.pdf"]
    with closing(open_for_reading(tmp_path)) as connection:
        texts = connection.execute("SELECT text FROM attachment_texts ORDER BY number").fetchall()
    assert [text for (text,) in texts] == ["xe đạp", "xe máy"]


def test_a_sheet_is_named(tmp_path: Path) -> None:
    file = Served(f"{HOME}/tep/bieu.xlsx", xlsx())
    crawl(tmp_path, [article(1, "bieu.xlsx")], [file])
    read_attachments(tmp_path, clock=lambda: START)
    with closing(open_for_reading(tmp_path)) as connection:
        (hit,) = search_attachments(connection, "đền bù")
    assert hit.parts[0].label() == "sheet Biểu 2"


def test_a_file_of_an_earlier_version_is_found_as_such(tmp_path: Path) -> None:
    stored(
        tmp_path, {"cu.pdf": pages("Dự thảo cũ"), "moi.pdf": pages("Bản mới")}, article(1, "cu.pdf")
    )
    crawl(tmp_path, [article(1, "moi.pdf", title="Văn bản 1 (sửa)")])
    with closing(open_for_writing(tmp_path)) as connection:
        collect(connection, tmp_path)
    with closing(open_for_reading(tmp_path)) as connection:
        (old,), (new,) = (search_attachments(connection, q) for q in ("dự thảo", "bản mới"))
        assert [(a.article_id, a.current) for a in (*old.articles, *new.articles)] == [
            (1, False),
            (1, True),
        ]


def withheld(root: Path, *articles: int, versions: tuple[int, ...] = ()) -> None:
    with closing(open_for_writing(root)) as connection, transaction(connection):
        for number in articles:
            withhold(connection, number, versions, reason="r", person="p", now=NOW)


def shown(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT text FROM attachment_texts ORDER BY file_id, number")
    return [text for (text,) in rows]


def test_files_of_a_withheld_article_are_gone_from_search_and_views(root: Path) -> None:
    withheld(root, 3)
    assert names(root, "thanh niên") == []
    with closing(open_for_reading(root)) as connection:
        assert not any("niên" in text for text in shown(connection))
        urls = connection.execute("SELECT url FROM attachments").fetchall()
        assert not any("thanh.pdf" in url for (url,) in urls)
    with closing(open_for_writing(root)) as connection, transaction(connection):
        restore(connection, 3, (), reason="r", person="p", now=NOW)
    assert names(root, "thanh niên") == ["thanh.pdf"]


def test_a_file_that_a_withheld_article_shares_is_gone_with_it(root: Path) -> None:
    withheld(root, 1)
    # archive.withholding takes the address; that another article offers it as well does not help.
    assert names(root, "giải") == []
    assert names(root, "nhạc") == ["thuy.pdf"]
    with closing(open_for_reading(root)) as connection:
        rows = connection.execute(
            "SELECT state, file_id, capture_id FROM attachments WHERE url LIKE '%hoa.pdf'"
        )
        assert [tuple(row) for row in rows] == [("withheld", None, None)]


def test_files_of_a_withheld_version_are_gone(tmp_path: Path) -> None:
    stored(
        tmp_path, {"cu.pdf": pages("Dự thảo cũ"), "moi.pdf": pages("Bản mới")}, article(1, "cu.pdf")
    )
    crawl(tmp_path, [article(1, "moi.pdf", title="Văn bản 1 (sửa)")])
    with closing(open_for_writing(tmp_path)) as connection:
        collect(connection, tmp_path)
    withheld(tmp_path, 1, versions=(1,))
    assert names(tmp_path, "dự thảo") == []
    assert names(tmp_path, "bản mới") == ["moi.pdf"]


def test_the_same_bytes_behind_another_address_do_not_bring_it_back(tmp_path: Path) -> None:
    body, link, target = docx(["Danh sách hộ nghèo"]), f"{HOME}/tai?id=1", f"{HOME}/tep/that.docx"
    offered = Article(f"{HOME}/1", "Danh sách", attachments=(Attachment(link, "Tải"),))
    crawl(
        tmp_path,
        [offered],
        [Served(link, location=target), Served(target, body, "application/msword")],
    )
    read_attachments(tmp_path, clock=lambda: START)
    assert names(tmp_path, "hộ nghèo") == ["tai?id=1"]
    withheld(tmp_path, 1)
    # The bytes were captured under an address of which the article knows nothing.
    assert names(tmp_path, "hộ nghèo") == []
    with closing(open_for_reading(tmp_path)) as connection:
        assert shown(connection) == []


def test_a_file_with_an_article_is_shown_by_its_articles_only(tmp_path: Path) -> None:
    stored(tmp_path, {"a.pdf": pages("Kế hoạch chung")}, article(1, "a.pdf"))
    with ArchiveWriter.open(tmp_path, "crawl", clock=lambda: START) as writer:
        copy = Served("https://hoanghoa.example/b.pdf", b"a.pdf", "application/pdf")
        writer.record_exchange("hoang-hoa", copy.exchange())
    with closing(open_for_writing(tmp_path)) as connection:
        collect(connection, tmp_path)
    assert names(tmp_path, "kế hoạch chung") == ["a.pdf"]
    assert names(tmp_path, "kế hoạch chung", sites=("hoang-hoa",)) == []
