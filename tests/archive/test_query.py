"""The query language: what is typed, and that nothing typed can break it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.query import (
    MAX_CHARACTERS,
    MAX_WORDS,
    Period,
    Term,
    parse,
    parse_period,
    slug_of,
    words_of,
)


def shape(terms: tuple[Term, ...]) -> list[str]:
    """Terms in a compact notation: ``"a b"*`` for a quoted phrase with a star."""
    out = []
    for term in terms:
        text = " ".join(word.typed for word in term.words)
        out.append((f'"{text}"' if term.quoted else text) + ("*" if term.prefix else ""))
    return out


@pytest.mark.parametrize(
    ("text", "alternatives", "excluded"),
    [
        ("nghị quyết 35", [["nghị", "quyết", "35"]], []),
        ('hội nghị "thọ xuân"', [["hội", "nghị", '"thọ xuân"']], []),
        ("hội “thọ xuân”", [["hội", '"thọ xuân"']], []),
        ("nông* nong*", [["nông*", "nong*"]], []),
        ('"nông thôn"* "nông thô*"', [['"nông thôn"*', '"nông thô"*']], []),
        ('nông -họp -"hội ý"', [["nông"]], ["họp", '"hội ý"']),
        ("nông thôn OR đô thị | phố", [["nông", "thôn"], ["đô", "thị"], ["phố"]], []),
        ("35-NQ/TW", [["35 nq tw"]], []),
        ("Nghị QUYẾT", [["nghị", "quyết"]], []),
        ("hoằng hoá", [["hoằng", "hóa"]], []),
        ("mục: lục http://x.vn/a", [["mục", "lục", "http x vn a"]], []),
        ("a - b -- c", [["a", "b", "c"]], []),
        ('"không đóng', [['"không đóng"']], []),
        ("OR OR", [], []),
        ("or nor", [["or", "nor"]], []),
        ('* ( ) ^ "" - -- NEAR( 😀 +', [["near"]], []),
        ("title_exact:x", [["title exact x"]], []),
        ("a\0b {title_exact}:c", [["ab", "title exact c"]], []),
        ("", [], []),
    ],
)
def test_reads(text: str, alternatives: list[list[str]], excluded: list[str]) -> None:
    query = parse(text)
    assert [shape(terms) for terms in query.alternatives] == alternatives
    assert shape(query.excluded) == excluded


@pytest.mark.parametrize(
    "text",
    [
        'site:tho-xuan tu:2021 den:6/2022 tac-gia:"Lê An" chuyen-muc:"Y tế"',
        'site:"Thọ Xuân" from:1/1/2021 to:2022-06 author:"Lê An" category:"Y tế"',
        'SITE:tho-xuan từ:2021 đến:30.6.2022 tác-giả:"Lê An" chuyên-mục:"Y tế"',
    ],
)
def test_filters_have_vietnamese_and_english_names(text: str) -> None:
    query = parse(text)
    assert query.sites == ("tho-xuan",)
    assert (query.since, query.until) == (date(2021, 1, 1), date(2022, 6, 30))
    assert query.authors == (words_of("Lê An"),)
    assert query.categories == (words_of("Y tế"),)
    assert query.alternatives == ()
    assert query.notes == ()


def test_repeated_dates_narrow_and_repeated_sites_widen() -> None:
    query = parse("tu:2020 tu:2021 den:2023 den:2022 site:a site:b site:a")
    assert (query.since, query.until) == (date(2021, 1, 1), date(2022, 12, 31))
    assert query.sites == ("a", "b")


def test_a_date_that_is_none_is_searched_for_and_said() -> None:
    query = parse("tu:hôm-qua")
    assert query.since is None
    assert [shape(terms) for terms in query.alternatives] == [["tu hôm qua"]]
    assert query.notes == ("tu:hôm-qua: not a date; searched for as words",)


def test_a_filter_cannot_be_excluded() -> None:
    query = parse("nông -site:tho-xuan")
    assert query.sites == ()
    assert query.excluded == ()
    assert "-site:tho-xuan" in query.notes[0]


def test_a_single_letter_is_too_short_for_a_star() -> None:
    query = parse("n* ng*")
    assert shape(query.alternatives[0]) == ["n", "ng*"]
    assert "n*" in query.notes[0]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2021", Period(date(2021, 1, 1), date(2021, 12, 31))),
        ("2020-02", Period(date(2020, 2, 1), date(2020, 2, 29))),
        ("2/2021", Period(date(2021, 2, 1), date(2021, 2, 28))),
        ("2021-07-05", Period(date(2021, 7, 5), date(2021, 7, 5))),
        ("5/7/2021", Period(date(2021, 7, 5), date(2021, 7, 5))),
        ("05.07.2021", Period(date(2021, 7, 5), date(2021, 7, 5))),
        ("05-07-2021", Period(date(2021, 7, 5), date(2021, 7, 5))),
        (" 2021 ", Period(date(2021, 1, 1), date(2021, 12, 31))),
        ("9999-12-31", Period(date(9999, 12, 31), date(9999, 12, 31))),
    ],
)
def test_dates(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text",
    ["", "21", "5/7/21", "31/2/2021", "7/13/2021", "2021-13", "0000", "5/7-2021", "٢٠٢١", "2021x"],
)
def test_no_dates(text: str) -> None:
    assert parse_period(text) is None


@pytest.mark.parametrize(
    ("typed", "marked"), [("nghị", True), ("đi", True), ("thanh", False), ("35", False)]
)
def test_a_word_knows_whether_it_has_diacritics(typed: str, marked: bool) -> None:
    assert words_of(typed)[0].marked is marked


def test_decomposed_letters_are_the_same_words() -> None:
    assert words_of("nghi\u0323 quye\u0302\u0301t") == words_of("nghị quyết")


def test_names_of_portals_become_slugs() -> None:
    assert slug_of("Thọ Xuân") == slug_of("tho-xuan") == slug_of("THO_XUAN") == "tho-xuan"
    assert slug_of("Đắk Hà") == "dak-ha"


def test_a_very_long_query_is_cut_and_says_so() -> None:
    query = parse("nông thôn " * 10_000)
    words = [w for terms in query.alternatives for t in terms for w in t.words]
    assert len(words) == MAX_WORDS
    assert [note for note in query.notes if f"{MAX_CHARACTERS:,} characters" in note]
    assert [note for note in query.notes if f"{MAX_WORDS} words" in note]
    phrase = parse('"' + "a " * 200 + '" b')
    assert [len(t.words) for t in phrase.alternatives[0]] == [MAX_WORDS]


FILTERS = ["site:", "tu:", "den:2021", "tac-gia:", "chuyen-muc:x"]
OPERATORS = ["OR", "AND", "NOT", "NEAR(", "{title_exact}", "nông", "nong", "35"]
QUERY_PIECES = st.sampled_from([*FILTERS, *OPERATORS, *"\"*-():|^'\\ \n\0\ud800😀"])
QUERIES = st.one_of(st.text(), st.lists(QUERY_PIECES, max_size=30).map("".join))


@given(QUERIES)
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    for terms in (*query.alternatives, query.excluded):
        for term in terms:
            assert term.words
            # Letters and digits only: what reaches FTS5 in quotes cannot leave them.
            assert all(w.typed.isalnum() for w in term.words)
            assert all(w.folded for w in term.words)


def test_words_within_a_distance() -> None:
    query = parse('"nông mới"~5 "một"~3 "a b"~9999 -"x y"~2')
    (terms,) = query.alternatives
    assert [term.within for term in terms] == [5, None, 1000]
    assert [term.within for term in query.excluded] == [2]


def test_provinces_are_kept_folded() -> None:
    assert parse('tinh:"Thanh Hóa" province:HUẾ').provinces == ("thanh hoa", "hue")
