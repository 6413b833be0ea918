"""Vietnamese text: the stored form and the keys."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.vietnamese import (
    fold,
    has_diacritics,
    is_syllable,
    normalise,
    normalise_paragraphs,
    unify_tone_placement,
)

TONES = "\u0300\u0301\u0303\u0309\u0323"
SMALL = sorted(
    {unicodedata.normalize("NFC", v + t) for v in "aăâeêioôơuưy" for t in ("", *TONES)}
    - set("aeiouy")
    | {"đ"}
)
LETTERS = [*SMALL, *(letter.upper() for letter in SMALL)]
nfc = st.text().map(lambda text: unicodedata.normalize("NFC", text))
vietnamese = st.text(st.sampled_from([*LETTERS, *"aeiouyhnqtAEOUYHQ ", "-", "1"]))


def test_the_alphabet_has_134_letters_with_marks() -> None:
    assert len(LETTERS) == 134


@pytest.mark.parametrize("letter", LETTERS)
def test_fold_knows_every_letter(letter: str) -> None:
    base = "d" if letter in "đĐ" else unicodedata.normalize("NFD", letter)[0].lower()
    assert fold(letter) == base
    assert has_diacritics(letter)
    assert has_diacritics(unicodedata.normalize("NFD", letter))


def test_fold() -> None:
    assert fold("Nghị quyết 35 của ĐẢNG ỦY") == "nghi quyet 35 cua dang uy"
    assert fold("Ƀuôn Čư Jút, Ðắk R’lấp") == "buon cu jut, dak r’lap"


def test_no_character_changes_its_length_when_folded() -> None:
    for code in range(sys.maxunicode + 1):
        assert len(fold(chr(code))) == 1, hex(code)


@given(nfc)
def test_fold_keeps_the_length(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@given(vietnamese, vietnamese)
def test_what_is_found_in_the_key_stands_there_in_the_text(before: str, word: str) -> None:
    text = before + word
    at = fold(text).index(fold(word))
    assert fold(text[at : at + len(word)]) == fold(word)


def test_folding_does_not_compose_for_its_caller() -> None:
    assert fold(unicodedata.normalize("NFD", "ủy")) != "uy"
    assert fold(normalise(unicodedata.normalize("NFD", "ủy"))) == "uy"


@pytest.mark.parametrize(
    ("published", "stored"),
    [
        ("  Ủy\u00a0ban \u2003 nhân\tdân\r\n huyện ", "Ủy ban nhân dân huyện"),
        ("Huye\u0323\u0302n", "Huyện"),
        ("Huyê\u200b\u0323n", "Huyện"),  # a zero-width space between a letter and its mark
        ("tuyên\u00adtruyền\ufeff", "tuyêntruyền"),
        ("a\x00b\x1fc\x7fd\x9fe", "abcde"),
        ("a\x85b\u2028c\u3000d", "a b c d"),
        ("Ðảng bộ ÐẢNG Ɖắk", "Đảng bộ ĐẢNG Đắk"),
        ("\ud800lẻ", "lẻ"),
        ("\u2800\u3164", ""),
        ("khoẻ và khỏe", "khoẻ và khỏe"),  # tone placement stays as published
    ],
)
def test_normalise(published: str, stored: str) -> None:
    assert normalise(published) == stored


def test_normalise_paragraphs() -> None:
    assert (
        normalise_paragraphs("Một \u00a0\r\n\n \u200b \nHai\u2028 Ba\x0bBốn ")
        == "Một\nHai\nBa\nBốn"
    )


any_text = st.text(
    st.one_of(
        st.characters(exclude_categories=[]),
        st.sampled_from("\u200b\u00ad\u0301\u0323\u0302aeoÐ \n\r\u00a0\x85\u2028"),
    )
)


@given(any_text)
def test_the_stored_form_is_final(text: str) -> None:
    stored = normalise(text)
    assert normalise(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert stored == " ".join(stored.split(" ")).strip()
    stored.encode()  # no lone surrogate
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in stored)


@given(any_text)
def test_paragraphs_are_stored_lines(text: str) -> None:
    stored = normalise_paragraphs(text)
    assert normalise_paragraphs(stored) == stored
    assert all(line and normalise(line) == line for line in stored.split("\n") if stored)


@pytest.mark.parametrize(
    ("new_style", "old_style"),
    [
        ("Hoằng Hoá", "Hoằng Hóa"),
        ("HOÀ BÌNH", "HÒA BÌNH"),
        ("khoẻ mạnh", "khỏe mạnh"),
        ("Huyện uỷ, Uỷ ban, UỶ", "Huyện ủy, Ủy ban, ỦY"),
        ("toà, xoá; loã (hoạ)", "tòa, xóa; lõa (họa)"),
    ],
)
def test_two_tone_placements_are_one_spelling(new_style: str, old_style: str) -> None:
    assert unify_tone_placement(new_style) == old_style
    assert unify_tone_placement(old_style) == old_style


@pytest.mark.parametrize(
    "text", ["quý quỹ QUÝ", "hoàn toán hoạt khoẻn", "xoáy ngoài huỳnh", "khuỷu", "của mía lúa"]
)
def test_other_syllables_have_one_spelling(text: str) -> None:
    assert unify_tone_placement(text) == text


@given(nfc)
def test_the_tone_key_keeps_length_and_fold(text: str) -> None:
    key = unify_tone_placement(text)
    assert len(key) == len(text)
    assert fold(key) == fold(text)
    assert unify_tone_placement(key) == key


@pytest.mark.parametrize("text", ["nghi quyet 35", "", "UBND", "đ".replace("đ", "d")])
def test_typed_without_diacritics(text: str) -> None:
    assert not has_diacritics(text)


@pytest.mark.parametrize(
    "word", ["nghiêng", "Quý", "ĐẢNG", "uỷ", "ủy", "khuya", "ơ", "giếng", "đạt"]
)
def test_syllables(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize("word", ["", "sign", "héi", "hßa", "dat", "đàt", "xx", "ngày mai", "áá"])
def test_not_one_syllable(word: str) -> None:
    assert not is_syllable(word)
