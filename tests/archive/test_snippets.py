"""Matches are marked in the text as printed, and the best passage is cut out of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.query import parse, words_of
from archive.snippets import ELLIPSIS, WIDTH, Highlighter, Marked
from archive.strictness import Level

PADDING = "Sáng nay trời nhiều mây và có mưa rào rải rác ở vùng núi phía tây. " * 12


def marked(query: str, text: str, level: Level = Level.FOLDED) -> str:
    return show(Highlighter(parse(query), level).mark(text))


def passage(query: str, text: str, level: Level = Level.FOLDED) -> str:
    return show(Highlighter(parse(query), level).passage(text))


def show(found: Marked) -> str:
    return "".join(f"«{part}»" if matches else part for part, matches in found.parts())


@pytest.mark.parametrize(
    ("query", "level", "expected"),
    [
        ("nghi quyet 35", Level.FOLDED, "«Nghị quyết» số «35» của Đảng; «nghi quyết»-tâm"),
        ("nghị quyết", Level.TYPED, "«Nghị quyết» số 35 của Đảng; nghi «quyết»-tâm"),
        ("nghị quyet", Level.MARKED, "«Nghị quyết» số 35 của Đảng; nghi «quyết»-tâm"),
        ('"nghị quyet"', Level.MARKED, "«Nghị quyết» số 35 của Đảng; nghi quyết-tâm"),
        ('"nghi quyet"', Level.FOLDED, "«Nghị quyết» số 35 của Đảng; «nghi quyết»-tâm"),
        ("dang", Level.FOLDED, "Nghị quyết số 35 của «Đảng»; nghi quyết-tâm"),
        ("ng*", Level.FOLDED, "«Nghị» quyết số 35 của Đảng; «nghi» quyết-tâm"),
        ("quyế*", Level.TYPED, "Nghị «quyết» số 35 của Đảng; nghi «quyết»-tâm"),
        ("an", Level.FOLDED, "Nghị quyết số 35 của Đảng; nghi quyết-tâm"),
        ("quyet-tam", Level.FOLDED, "Nghị quyết số 35 của Đảng; nghi «quyết-tâm»"),
    ],
)
def test_marks_whole_words_as_strictly_as_asked(query: str, level: Level, expected: str) -> None:
    text = "Nghị quyết số 35 của Đảng; nghi quyết-tâm"
    assert marked(query, text, level) == expected


def test_both_tone_placements_are_one_spelling() -> None:
    text = "Hoằng Hoá, Hoằng Hóa, hoằng hoa"
    assert marked("hoằng hóa", text, Level.TYPED) == "«Hoằng Hoá», «Hoằng Hóa», «hoằng» hoa"
    assert marked("hoằng hoá", text, Level.TYPED) == "«Hoằng Hoá», «Hoằng Hóa», «hoằng» hoa"


def test_the_passage_is_where_the_words_stand_together() -> None:
    text = f"Nghị trường. {PADDING}\nBan chỉ đạo họp về Nghị quyết 35 tại xã Kẻo.\n{PADDING} Quyết."
    found = passage("nghi quyet 35", text)
    assert "Ban chỉ đạo họp về «Nghị quyết 35» tại xã Kẻo." in found
    assert found.startswith(f"{ELLIPSIS}Ban chỉ đạo")
    assert found.endswith(ELLIPSIS)


def test_the_passage_is_cut_between_words() -> None:
    found = Highlighter(parse("keo"), Level.FOLDED).passage(f"{PADDING}xã Kẻo {PADDING}")
    words = set(f"{PADDING} xã Kẻo".split())
    assert 160 <= len(found.text) <= WIDTH + 2
    assert set(found.text.strip(ELLIPSIS).split()) <= words


def test_without_a_match_the_passage_is_the_beginning() -> None:
    found = passage("không có", PADDING)
    assert found.startswith("Sáng nay trời")
    assert found.endswith(ELLIPSIS)
    assert passage("x", "Ngắn thôi.") == "Ngắn thôi."
    assert passage("x", "") == ""


def test_paragraphs_become_one_line() -> None:
    assert passage("hai", "Một.\nHai.\nBa.") == "Một. «Hai». Ba."


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    found = Highlighter(parse("x"), Level.FOLDED).passage("a" * 5_000 + " x " + "b" * 5_000)
    assert len(found.text) <= WIDTH + 2
    assert show(found).count("«x»") == 1


def test_covers_asks_for_all_words_of_one_alternative() -> None:
    highlighter = Highlighter(parse("nghị quyết OR họp"), Level.TYPED)
    assert highlighter.covers("nghị", "quyết")
    assert highlighter.covers("họp")
    assert not highlighter.covers("nghị", "quyet")
    assert Highlighter(parse("site:x"), Level.TYPED).covers("")


TEXTS = st.text(st.sampled_from("aăâáđĐeễoóọhHnNg 35\n.-_İı😀")).map(
    lambda text: unicodedata.normalize("NFC", text)
)


@given(st.text(st.sampled_from('aăáđĐoóhng 35"*-|')), TEXTS, st.sampled_from(list(Level)))
def test_spans_are_ordered_whole_words_of_the_original(query: str, text: str, level: Level) -> None:
    highlighter = Highlighter(parse(query), level)
    for found in (highlighter.mark(text), highlighter.passage(text)):
        assert "".join(part for part, _ in found.parts()) == found.text
        at = 0
        for start, end in found.spans:
            assert at <= start < end <= len(found.text)
            assert not found.text[start - 1 : start].isalnum()
            assert not found.text[end : end + 1].isalnum()
            at = end
    assert highlighter.mark(text).text == text
    assert highlighter.passage(text).text.strip(ELLIPSIS) in text.replace("\n", " ")


@given(TEXTS)
def test_every_word_of_a_text_is_found_in_it(text: str) -> None:
    for word in words_of(text):
        assert Highlighter(parse(f'"{word.folded}"'), Level.FOLDED).mark(text).spans
        assert Highlighter(parse(f'"{word.typed}"'), Level.TYPED).mark(text).spans
