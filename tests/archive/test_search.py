"""What a search finds, in which order, and that no query can break it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_articles import START, Seen, seen, store

import archive.facets
import archive.ranking
import archive.search
from archive import full_text
from archive.database import open_for_reading, open_for_writing, transaction
from archive.facets import facets
from archive.fixity import verify
from archive.index_text import index_entry, keys
from archive.schema import Article, Attachment, Image
from archive.search import Results, Sort, search, suggestions

Archive = Callable[..., sqlite3.Connection]

FILLER = "Sáng nay cán bộ các thôn cùng bà con ra đồng làm thủy lợi nội đồng và dọn vệ sinh. " * 4


@pytest.fixture
def archive_of(tmp_path: Path) -> Iterator[Archive]:
    """Stores articles and opens the archive for reading."""
    opened: list[sqlite3.Connection] = []

    def build(*pages: Seen) -> sqlite3.Connection:
        store(tmp_path, pages)
        opened.append(open_for_reading(tmp_path))
        return opened[-1]

    yield build
    for connection in opened:
        connection.close()


def titles(results: Results) -> list[str]:
    return [hit.title.text for hit in results.hits]


def found(connection: sqlite3.Connection, query: str, **options: object) -> list[str]:
    """The titles found, in alphabetical order: for tests of what, not of which first."""
    return sorted(titles(search(connection, query, **options)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query",
    [
        "nghi quyet 35",
        "nghị quyết 35",
        "NGHỊ QUYẾT 35",
        "nghi\u0323 quye\u0302\u0301t 35",
        "nghị quyet",
        '"nghi quyet 35"',
        "ngh* quye*",
        "35-NQ/TW",
        "35 NQ TW",
    ],
)
def test_finds_with_and_without_diacritics(archive_of: Archive, query: str) -> None:
    connection = archive_of(
        seen("1", "Nghị quyết 35 của Đảng", "Theo Nghị quyết số 35-NQ/TW."),
        seen("2", "Lịch tiếp công dân", "Tháng này."),
    )
    results = search(connection, query)
    assert titles(results) == ["Nghị quyết 35 của Đảng"]
    assert results.total == 1


def test_d_without_stroke_finds_d_with_stroke(archive_of: Archive) -> None:
    connection = archive_of(seen("1", "Đường liên xã"), seen("2", "Đất đai"))
    assert found(connection, "duong") == ["Đường liên xã"]
    assert found(connection, "đường") == ["Đường liên xã"]
    assert found(connection, "DAT DAI") == ["Đất đai"]


def test_as_typed_comes_first_and_is_marked(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Học ký túc", "học ký học ký học ký"),
        seen("2", "Thời tiết", "Trong học kỳ này trời mưa."),
        seen("3", "Học kỳ mới"),
    )
    results = search(connection, "học kỳ")
    assert titles(results) == ["Học kỳ mới", "Thời tiết", "Học ký túc"]
    assert [hit.exact for hit in results.hits] == [True, True, False]
    assert (results.total, results.typed) == (3, 2)


def test_without_diacritics_all_are_equal(archive_of: Archive) -> None:
    connection = archive_of(seen("1", "Học ký"), seen("2", "Học kỳ"), seen("3", "HOC KY"))
    results = search(connection, "hoc ky")
    assert results.typed is None
    assert [(hit.title.text, hit.exact) for hit in results.hits] == [
        ("Học ký", False),
        ("Học kỳ", False),
        ("HOC KY", True),
    ]


@pytest.mark.parametrize("query", ["hoằng hoá", "hoằng hóa", '"Hoằng Hoá"'])
def test_both_tone_placements_are_as_typed(archive_of: Archive, query: str) -> None:
    connection = archive_of(
        seen("1", "Huyện Hoằng Hóa"), seen("2", "Huyện Hoằng Hoá"), seen("3", "Hoang hoa")
    )
    results = search(connection, query)
    exact = {hit.title.text: hit.exact for hit in results.hits}
    assert exact == {
        "Huyện Hoằng Hóa": True,
        "Huyện Hoằng Hoá": True,
        "Hoang hoa": False,
    }
    assert titles(results)[-1] == "Hoang hoa"


def test_mixed_words_are_judged_one_by_one(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Nghỉ quyết định", "nghi quyết"), seen("2", "Họp", "Nghị quyết mới.")
    )
    results = search(connection, "nghị quyet")
    assert [(hit.title.text, hit.exact) for hit in results.hits] == [
        ("Họp", True),
        ("Nghỉ quyết định", False),
    ]


def test_a_word_that_has_no_diacritics_means_itself_beside_one_that_has(
    archive_of: Archive,
) -> None:
    connection = archive_of(
        seen("1", "Thành niên", "thành niên thành niên"), seen("2", "Họp", "Đoàn thanh niên.")
    )
    assert titles(search(connection, "thanh niên")) == ["Họp", "Thành niên"]


def test_the_title_outweighs_the_body(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Tin vắn", "Chuyển đổi số, chuyển đổi số và chuyển đổi số. Hết."),
        seen("2", "Chuyển đổi số", FILLER),
    )
    assert titles(search(connection, "chuyen doi so")) == ["Chuyển đổi số", "Tin vắn"]
    assert titles(search(connection, "chuyển")) == ["Chuyển đổi số", "Tin vắn"]


@pytest.mark.parametrize("query", ["nong thon moi", "nông thôn mới"])
def test_words_together_before_words_near_before_words_anywhere(
    archive_of: Archive, query: str
) -> None:
    scattered = "Nông dân họp. " + FILLER + "Trưởng thôn nói. " + FILLER + "Nhà mới. "
    connection = archive_of(
        seen("1", "Rải rác", scattered + "nông dân, thôn xóm " * 9),
        seen("2", "Gần nhau", "Nông nghiệp, thôn bản đổi mới. " + FILLER),
        seen("3", "Liền nhau", FILLER * 3 + "Xây dựng nông thôn mới."),
        seen("4", "Nông thôn ngày nay đổi mới", FILLER),
    )
    results = search(connection, query)
    assert set(titles(results)[:2]) == {"Liền nhau", "Nông thôn ngày nay đổi mới"}
    assert titles(results)[2:] == ["Gần nhau", "Rải rác"]


def test_everything_printed_can_be_found(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Một", summary="Sapo kể chuyện."),
        seen("2", "Hai", author="Trần Kẻo - Đài truyền thanh"),
        seen("3", "Ba", images=(Image("https://a.example/1.jpg", "Chú thích ảnh"),)),
        seen("4", "Bốn", attachments=(Attachment("https://a.example/1.pdf", "Phụ lục.pdf"),)),
    )
    for query, title in (("sapo", "Một"), ("keo", "Hai"), ("chu thich", "Ba"), ("phu luc", "Bốn")):
        results = search(connection, query)
        assert titles(results) == [title]
        assert results.hits[0].snippet.spans


def test_query_language(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Nông thôn mới", "Họp dân."),
        seen("2", "Thôn nông", "Đô thị văn minh."),
        seen("3", "Nông nghiệp", "Họp."),
        seen("4", "Đô thị"),
    )
    assert found(connection, "nong thon") == ["Nông thôn mới", "Thôn nông"]
    assert found(connection, '"nong thon"') == ["Nông thôn mới"]
    assert found(connection, "nong -thon") == ["Nông nghiệp"]
    assert found(connection, 'nong -"nong thon"') == ["Nông nghiệp", "Thôn nông"]
    assert found(connection, "nong -hop") == ["Thôn nông"]
    assert found(connection, "nong -hộp") == ["Nông nghiệp", "Nông thôn mới", "Thôn nông"]
    assert found(connection, "thi OR nghiep") == ["Nông nghiệp", "Thôn nông", "Đô thị"]
    assert found(connection, "nong nghiep OR do thi") == ["Nông nghiệp", "Thôn nông", "Đô thị"]
    assert found(connection, "nông thôn OR đô") == ["Nông thôn mới", "Thôn nông", "Đô thị"]
    assert found(connection, "ngh*") == ["Nông nghiệp"]
    assert found(connection, '"nong th"*') == ["Nông thôn mới"]
    assert found(connection, "-nong") == ["Đô thị"]
    assert found(connection, "nong khong") == []


def test_duplicates_are_one_hit_with_a_count(archive_of: Archive) -> None:
    text = "Toàn văn bài viết được đăng lại. " + FILLER
    connection = archive_of(
        seen("1", "Bài gốc", text, published_at="2021-01-02"),
        seen("2", "Bài gốc", text, site="hoang-hoa", published_at="2021-01-03"),
        seen("3", "Bài gốc", text, site="vi-thuy", published_at="2021-01-04"),
        seen("4", "Bài khác", "Toàn văn bài viết."),
    )
    results = search(connection, "toàn văn")
    assert results.total == 2
    hits = {hit.title.text: hit for hit in results.hits}
    assert (hits["Bài gốc"].site, hits["Bài gốc"].duplicates) == ("tho-xuan", 2)
    assert hits["Bài khác"].duplicates == 0
    elsewhere = search(connection, "toàn văn", sites=("vi-thuy",))
    assert [(hit.site, hit.duplicates) for hit in elsewhere.hits] == [("vi-thuy", 2)]


def test_many_duplicates_do_not_hide_what_comes_after_them(archive_of: Archive) -> None:
    text = "Tin được đăng lại ở rất nhiều nơi. " + FILLER
    connection = archive_of(
        *(seen(f"a{i}", "Đăng lại", text, published_at=f"{2001 + i}-01-01") for i in range(20)),
        seen("b", "Khác", f"{FILLER} Đăng lại một lần."),
    )
    results = search(connection, "đăng lại", limit=2)
    assert [(h.title.text, h.duplicates) for h in results.hits] == [
        ("Đăng lại", 19),
        ("Khác", 0),
    ]


DATED = (
    seen("1", "A", "họp", published_at="2021-01-14T08:35:02+07:00"),
    seen("2", "B", "họp", published_at="2021-06-30T23:59:59+07:00", site="hoang-hoa"),
    seen("3", "C", "họp", published_at="2021-07-01"),
    seen("4", "D", "họp", published_at=None, site="vi-thuy"),
    seen("5", "E", "hộp", published_at="2024-04-03"),
)


def test_orders(archive_of: Archive) -> None:
    connection = archive_of(*DATED)
    assert titles(search(connection, "hop", sort=Sort.NEWEST)) == ["E", "C", "B", "A", "D"]
    assert titles(search(connection, "hop", sort=Sort.OLDEST)) == ["A", "B", "C", "E", "D"]
    assert titles(search(connection, "họp", sort=Sort.NEWEST)) == ["C", "B", "A", "D", "E"]


def test_filters(archive_of: Archive) -> None:
    connection = archive_of(*DATED)
    assert found(connection, "hop tu:2021-06-30 den:2021-07-01") == ["B", "C"]
    assert found(connection, "hop tu:1/7/2021") == ["C", "E"]
    assert found(connection, "hop den:2021-06") == ["A", "B"]
    assert found(connection, "hop site:tho-xuan") == ["A", "C", "E"]
    assert found(connection, "hop site:vi-thuy site:hoang-hoa") == ["B", "D"]
    assert found(connection, "hop", sites=("Vị Thủy",)) == ["D"]
    assert found(connection, "hop site:vi-thuy", sites=("hoang-hoa",)) == []
    day = date(2021, 7, 1)
    assert found(connection, "hop", since=day, until=day) == ["C"]
    assert found(connection, "hop tu:2022", until=day) == []


def test_filters_alone_list_the_newest_first(archive_of: Archive) -> None:
    connection = archive_of(*DATED)
    results = search(connection, "site:tho-xuan tu:2021")
    assert titles(results) == ["E", "C", "A"]
    assert (results.total, results.typed, results.sort) == (3, None, Sort.NEWEST)


def test_byline_and_category_filters(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "A", "họp", author="Lê An - Đài TT", category=("Tin tức", "Y tế")),
        seen("2", "B", "họp", author="Lê Ân", category=("Y học",)),
        seen("3", "C", "họp với Lê An", author="An Lê"),
    )
    assert found(connection, 'hop tac-gia:"le an"') == ["A", "B"]
    assert found(connection, 'hop tac-gia:"lê ân"') == ["B"]
    assert found(connection, 'author:"Lê An"') == ["A", "B"]
    assert found(connection, "hop chuyen-muc:y") == ["A", "B"]
    assert found(connection, 'chuyen-muc:"y te"') == ["A"]
    assert found(connection, 'chuyen-muc:"tuc y"') == ["A"]


def test_an_unknown_portal_is_said(archive_of: Archive) -> None:
    results = search(archive_of(*DATED), "hop site:tho-xan")
    assert results.total == 0
    assert results.notes == (
        "there is no portal 'tho-xan' in this archive; did you mean tho-xuan?",
    )


def test_only_the_current_version_is_found(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Bản đầu", "cũ")])
    store(tmp_path, [seen("1", "Bản sau", "mới")], START.replace(day=3))
    with closing(open_for_reading(tmp_path)) as connection:
        assert found(connection, "cu") == []
        assert found(connection, "moi") == ["Bản sau"]


def test_what_is_withheld_is_neither_found_nor_counted(tmp_path: Path) -> None:
    text = "Nội dung. " + FILLER
    store(
        tmp_path,
        [seen("1", "Bài", text), seen("2", "Bài", text, site="vi-thuy"), seen("3", "Ảnh", "Nội")],
    )
    with closing(open_for_writing(tmp_path)) as connection:
        connection.execute("UPDATE article SET status = 'withheld' WHERE site = 'vi-thuy'")
        connection.execute("UPDATE article SET status = 'withheld' WHERE url LIKE '%/3'")
    with closing(open_for_reading(tmp_path)) as connection:
        results = search(connection, "noi")
        assert [(h.title.text, h.duplicates) for h in results.hits] == [("Bài", 0)]
        assert results.total == 1
        assert search(connection, "site:vi-thuy").total == 0
        assert suggestions(connection, search(connection, "noi site:vi-thuy").query)


def test_an_article_that_is_gone_from_its_portal_is_found(tmp_path: Path) -> None:
    store(tmp_path, [seen("1", "Bài cũ")])
    with closing(open_for_writing(tmp_path)) as connection:
        connection.execute("UPDATE article SET status = 'gone'")
    with closing(open_for_reading(tmp_path)) as connection:
        assert found(connection, "bai cu") == ["Bài cũ"]


def test_pages_put_together_are_the_whole(archive_of: Archive) -> None:
    text = "Tin đăng lại nhiều nơi. " + FILLER
    connection = archive_of(
        *(seen(f"a{i}", f"Họp thôn {i}", "hộp " * i) for i in range(9)),
        *(
            seen(f"b{i}", "Họp chung", text, site="vi-thuy", published_at=f"200{i}-01-01")
            for i in range(9)
        ),
        *(seen(f"c{i}", f"Hợp tác {i}", "thôn") for i in range(9)),
    )
    for query in ("hop", "họp", "họp thôn", "site:tho-xuan"):
        whole = search(connection, query, limit=100)
        assert len(whole.hits) == whole.total > 0
        pages = [search(connection, query, limit=4, offset=o) for o in range(0, 30, 4)]
        assert [h.id for page in pages for h in page.hits] == [h.id for h in whole.hits]
        assert {page.total for page in pages} == {whole.total}
    assert search(connection, "hop").total == 19


def test_of_many_each_copy_is_counted_and_that_is_said(
    archive_of: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Tin đăng lại nhiều nơi. " + FILLER
    connection = archive_of(*DATED, seen("6", "hop", text), seen("7", "hop", text, site="vi-thuy"))
    results = search(connection, "hop")
    assert (results.total, results.approximate) == (6, False)
    monkeypatch.setattr(archive.search, "MOST_FOLDED", 6)
    results = search(connection, "hop")
    assert (results.total, results.approximate, len(results.hits)) == (7, True, 6)


def test_words_that_stand_nowhere_together_are_said_to(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Họp", f"Chuyên mục. {FILLER} Đối với xã. {FILLER} Một số việc."),
        seen("2", "Chuyển đổi số"),
    )
    apart = "the words do not stand together in any of these"
    assert apart not in search(connection, "chuyen doi so").notes
    assert apart in search(connection, "chuyen doi so -chuyển").notes
    assert apart not in search(connection, "chuyen").notes
    assert apart not in search(connection, "chuyen doi so -chuyển", sort=Sort.NEWEST).notes


def test_a_hit_tells_where_and_when(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Họp thôn", "Đã xong.", published_at="2021-01-14", author="Lê An")
    )
    (hit,) = search(connection, "hop xong").hits
    assert hit.url == "https://thoxuan.example/1"
    assert (hit.portal, hit.published_at, hit.author) == ("Huyện Thọ Xuân", "2021-01-14", "Lê An")
    assert list(hit.title.parts()) == [("Họp", True), (" thôn", False)]
    assert ("xong", True) in hit.snippet.parts()


def test_suggestions_name_the_change_that_helps(archive_of: Archive) -> None:
    connection = archive_of(*DATED, seen("6", "Nông dân", "thôn"))

    def advice(query: str) -> dict[str, int]:
        parsed = search(connection, query)
        assert parsed.total == 0
        return {s.advice: s.total for s in suggestions(connection, parsed.query)}

    assert advice("hop tu:2030") == {"without the filters": 5}
    assert advice("hop -hop") == {"without the exclusions": 5}
    assert advice('"nong thon"') == {"without the quotation marks": 1}
    assert advice("hop zzz") == {"only “hop”": 5}
    assert advice("zzz") == {}


def test_a_query_without_letters_finds_nothing_and_says_why(archive_of: Archive) -> None:
    connection = archive_of(*DATED)
    for query in ("", " ", '"', "*", "-", "( )", "😀", "\0"):
        results = search(connection, query)
        assert results.hits == ()
        assert results.notes == ("the query has no letters or digits to search for",)


FILTERS = ["site:", "tu:", "den:2021", "tac-gia:", "chuyen-muc:x"]
OPERATORS = [" OR ", " AND ", " NOT ", "NEAR(", ",5)", "{title_exact}:"]
WORDS = ["họp", "hop", "h", "35", "x" * 3_000, "ỉ\u0300", "ẞ", "𝔄", "\u1cff", "😀"]
PIECES = st.sampled_from([*FILTERS, *OPERATORS, *WORDS, *"\"*-():|^'+\\ \n\0\ud800"])


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    root = tmp_path_factory.mktemp("any-text")
    store(root, DATED)
    with closing(open_for_reading(root)) as opened:
        yield opened


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(st.text(), st.lists(PIECES, max_size=20).map("".join)),
    st.sampled_from(list(Sort)),
    st.integers(-1, 20_000),
    st.integers(-1, 20_000),
)
def test_no_text_breaks_the_search(
    connection: sqlite3.Connection, query: str, sort: Sort, limit: int, offset: int
) -> None:
    results = search(connection, query, sort=sort, limit=limit, offset=offset)
    assert len(results.hits) <= max(0, results.total - results.offset)
    suggestions(connection, results.query)


@pytest.mark.parametrize(
    "query", ["x" * 100_000, "họp " * 25_000, '"' * 100_000, "h* " * 33_000, "(" * 100_000]
)
def test_a_hundred_kilobytes_break_nothing(connection: sqlite3.Connection, query: str) -> None:
    results = search(connection, query)
    assert any("only the first" in note for note in results.notes)


def test_words_within_a_distance(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "A", "Nông thôn đổi mới."),
        seen("2", "B", "Mới đây nông dân họp."),
        seen("3", "C", "Nông dân ra đồng từ sáng sớm, về nhà mới."),
    )
    assert found(connection, '"nong moi"~2') == ["A", "B"]
    assert found(connection, '"nong moi"~1') == ["B"]
    assert found(connection, '"nông mới"~20') == ["A", "B", "C"]
    assert found(connection, 'nong -"nong moi"~2') == ["C"]
    (hit,) = search(connection, '"moi dong"~9').hits
    assert {part for part, marked in hit.snippet.parts() if marked} == {"mới", "đồng"}


def test_a_province_is_all_its_portals(archive_of: Archive) -> None:
    connection = archive_of(*DATED)
    assert found(connection, 'hop tinh:"Thanh Hóa"') == ["A", "B", "C", "E"]
    assert found(connection, 'hop province:"hau giang"') == ["D"]
    assert found(connection, 'tỉnh:"tỉnh Hậu Giang" hop site:tho-xuan') == []
    results = search(connection, "hop tinh:hue")
    assert results.total == 0
    assert results.notes == ("there is no portal of a province 'hue' in this archive",)


BROAD = (
    *(seen(f"a{i}", f"Tin {i}", f"Xã họp dân. {FILLER} Bàn việc làng.") for i in range(9)),
    seen("t", "Họp bàn việc xã", FILLER),
    *(seen(f"b{i}", f"Tin vắn {i}", f"Dân họp bàn. {FILLER} Việc xã.") for i in range(9)),
    seen("n", "Nguyễn Họp Bàn", FILLER),
    seen("f", "Bản tin", "Họp. Bàn. " * 9 + FILLER + "Họp thì bàn."),
    *(seen(f"c{i}", f"Thư {i}", f"Bàn rồi họp. {FILLER}") for i in range(9)),
)


@pytest.mark.parametrize("query", ["họp bàn", "hop ban"])
def test_a_broad_query_shows_the_most_promising_first_and_loses_none(
    archive_of: Archive, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    connection = archive_of(*BROAD)
    whole = set(titles(search(connection, query, limit=100)))
    assert len(whole) == len(BROAD)
    monkeypatch.setattr(archive.ranking, "BLOCK", 3)
    monkeypatch.setattr(archive.ranking, "WHOLE", 3)
    results = search(connection, query, limit=100)
    assert set(titles(results)[:2]) == {"Họp bàn việc xã", "Nguyễn Họp Bàn"}
    assert set(titles(results)) == whole
    pages = [search(connection, query, limit=4, offset=o) for o in range(0, 40, 4)]
    assert [h.id for page in pages for h in page.hits] == [h.id for h in results.hits]


@pytest.mark.parametrize("query", ["hop", "họp", "hop site:tho-xuan", "hop tu:2021-02 den:2024"])
@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])
def test_month_by_month_is_the_same_order(
    archive_of: Archive, monkeypatch: pytest.MonkeyPatch, query: str, sort: Sort
) -> None:
    connection = archive_of(*DATED, seen("6", "F", "họp", published_at="2021-01-20"))
    at_once = titles(search(connection, query, sort=sort))
    assert len(at_once) > 2
    monkeypatch.setattr(archive.search, "_MOST_SORTED", 0)
    assert titles(search(connection, query, sort=sort)) == at_once


def test_beginnings_of_words(archive_of: Archive) -> None:
    connection = archive_of(
        seen("1", "Nghị quyết", "nghĩ"),
        seen("2", "Ngày hội"),
        seen("3", "Nga và nguyên"),
        seen("4", "Nữ"),
        seen("5", "Ñgà"),
    )
    assert found(connection, "ng*") == ["Nga và nguyên", "Nghị quyết", "Ngày hội", "Ñgà"]
    assert found(connection, "nghi* quyet") == ["Nghị quyết"]
    assert found(connection, "nghị*") == ["Nghị quyết"]
    assert found(connection, "ng* -nga") == ["Nghị quyết", "Ngày hội"]
    assert found(connection, "nz*") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("hop tu:1999 den:2001-02-03", ["1999-12-31", "2000-06-01", "2001-02-03"]),
        ("hop tu:2001-02-04", ["2001-02-04", "2046-01-01", "9999-01-01"]),
        ("hop den:1998", ["0987-01-01"]),
        ("hop tu:2002 den:9998", ["2046-01-01"]),
    ],
)
def test_periods_of_any_length(archive_of: Archive, query: str, expected: list[str]) -> None:
    days = ["0987-01-01", "1999-12-31", "2000-06-01", "2001-02-03", "2001-02-04", "2046-01-01"]
    connection = archive_of(
        *(seen(day, day, "họp", published_at=day) for day in (*days, "9999-01-01"))
    )
    assert found(connection, query) == expected


def test_an_index_that_is_being_made_is_finished_after_a_kill(tmp_path: Path) -> None:
    store(tmp_path, [seen(str(n), f"Bài số {n}", "Nội dung") for n in range(5)])
    with closing(open_for_writing(tmp_path)) as connection, transaction(connection):
        connection.execute("UPDATE meta SET value = 'older' WHERE key = 'index_text'")
        full_text.bring_up_to_date(connection)
        assert full_text.catch_up(connection, 2)
    with closing(open_for_reading(tmp_path)) as connection:
        results = search(connection, "noi dung")
        assert results.total == 2
        assert results.notes == ("the index is behind: 3 articles are not in it yet",)
    store(tmp_path, [seen("4", "Bài số 4", "Nội dung khác")], START.replace(day=3))
    with closing(open_for_reading(tmp_path)) as connection:
        results = search(connection, "noi dung")
        assert (results.total, results.notes) == (5, ())
        assert found(connection, "noi dung khac") == ["Bài số 4"]
    report = verify(tmp_path, START)
    assert report.ok, report.problems


def test_a_long_wait_for_the_index_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store(tmp_path, [seen(str(n), f"Bài số {n}", "Nội dung") for n in range(5)])
    with closing(open_for_writing(tmp_path)) as connection:
        with transaction(connection):
            full_text.make_anew(connection)
        full_text.complete(connection)
        assert not caplog.messages
        with transaction(connection):
            full_text.make_anew(connection)
        monkeypatch.setattr(full_text, "_LONG", 4)
        full_text.complete(connection)
    assert caplog.messages == ["making the search index of 5 articles, about 0 minutes"]


def test_facets_count_texts_by_what_they_have(archive_of: Archive) -> None:
    text = "Tin đăng lại nhiều nơi. " + FILLER
    connection = archive_of(
        seen("1", "Họp", text, published_at="2021-01-02", author="Lê An", category=("Y tế",)),
        seen("2", "Họp", text, site="vi-thuy", published_at="2021-01-03", category=("Tin",)),
        seen("3", "Họp hội đồng", published_at="2022-05-01", author="Lê An", category=("Tin",),
             attachments=(Attachment("https://a.example/1.pdf"),)),
        seen("4", "Họp thôn", published_at=None),
        seen("5", "Khác"),
    )  # fmt: skip
    counted = facets(connection, search(connection, "hop").query)
    assert [(v.value, v.count) for v in counted.sites] == [("tho-xuan", 3), ("vi-thuy", 1)]
    assert [(v.value, v.count) for v in counted.years] == [("2021", 1), ("2022", 1)]
    assert [(v.value, v.count) for v in counted.categories] == [("Tin", 2), ("Y tế", 1)]
    assert [(v.value, v.count) for v in counted.authors] == [("Lê An", 2)]
    assert (counted.with_files, counted.undated, counted.partial) == (1, 1, False)


@pytest.mark.parametrize(
    "query", ["hop", "hop tu:2021-06", "hop site:tho-xuan", "tu:2021 den:2021"]
)
def test_facets_of_many_are_those_of_few(
    archive_of: Archive, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    connection = archive_of(
        *DATED,
        seen("6", "F", "họp", author="Lê An", category=("Y tế", "Tin"), published_at="2021-02-03"),
        seen("7", "G", "họp", category=("Tin",), attachments=(Attachment("https://a.example/1"),)),
    )
    narrowed = search(connection, query).query
    few = facets(connection, narrowed)
    monkeypatch.setattr(archive.facets, "MOST_FOLDED", 0)
    many = facets(connection, narrowed)
    assert (few.partial, many.partial) == (False, True)
    for name in ("sites", "provinces", "years", "with_files", "undated"):
        assert getattr(many, name) == getattr(few, name), name
    assert sum(bar.count for bar in many.bars) == sum(bar.count for bar in few.bars)


def test_facets_of_many_count_categories_and_authors_in_the_latest(
    archive_of: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = archive_of(
        *(seen(f"{n}", "Họp", f"thôn {n}", author="Lê An", category=("Tin",)) for n in range(4)),
        seen("9", "Họp", "xã", author="Đỗ Kẻo", category=("Y tế", "Y tế")),
    )
    monkeypatch.setattr(archive.facets, "MOST_FOLDED", 2)
    counted = facets(connection, search(connection, "hop").query)
    assert [(v.value, v.count) for v in counted.sites] == [("tho-xuan", 5)]
    assert [(v.value, v.count) for v in counted.categories] == [("Tin", 1), ("Y tế", 1)]
    assert [(v.value, v.count) for v in counted.authors] == [("Lê An", 1), ("Đỗ Kẻo", 1)]


def test_facets_follow_the_index(
    archive_of: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive.facets, "MOST_FOLDED", 0)
    connection = archive_of(*DATED)
    query = search(connection, "hop").query
    assert next((v.value, v.count) for v in facets(connection, query).sites) == ("tho-xuan", 3)
    store(tmp_path, [*DATED, seen("6", "F", "họp")], START.replace(day=3))
    assert next((v.value, v.count) for v in facets(connection, query).sites) == ("tho-xuan", 4)


def test_keys_tell_what_an_article_is_about() -> None:
    article = Article(
        url="https://a.example/1",
        title="Họp Đảng bộ",
        body_text="Sâu đục thân. Sâu hại lúa, sâu non và và và. Đồng chí Lê Thị An.",
        author="Đỗ Kẻo",
        category=("Y tế",),
        published_at="2021-03-05",
    )
    found = keys(article, "tho-xuan", index_entry(article))
    assert {key for key in found if key.startswith(":")} == {
        ":site tho-xuan", ":year 2021", ":month 2021-03", ":author do", ":author keo", ":category y",
        ":category te", ":title họp", ":title hop", ":title đảng", ":title dang", ":title bộ",
        ":title bo", ":focus sâu", ":focus sau", ":name hop dang", ":name le thi", ":name thi an",
        ":name do keo", ":typed non", ":typed an",
    }  # fmt: skip
    assert {"sâu", "sau", "đảng", "dang", "thân", "than", "non"} <= found
    assert "sauǀduc" in index_entry(article).pairs()
