"""Likeness of texts: what makes no difference, what does, and that keys find alike texts."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from similar_texts import edited, prose

from archive.signatures import BANDS, form, guess, numbers, shingles, sign, similarity
from archive.vietnamese import normalise


def test_the_derivation_is_the_one_that_archives_were_made_with() -> None:
    # Another value means that every archive makes its signatures anew. If that is meant, so be it.
    assert form() == "3-shingles, 32x4 bands, f985cf9abc9bc638"


def test_shingles_are_three_folded_syllables() -> None:
    assert shingles("Uỷ ban NHÂN dân, huyện") == {"uy ban nhan", "ban nhan dan", "nhan dan huyen"}
    assert shingles("hai từ") == frozenset()


@pytest.mark.parametrize(
    "other",
    [
        "Ủy ban nhân dân huyện hòa giải năm 2021",
        "UỶ BAN NHÂN DÂN HUYỆN HOÀ GIẢI NĂM 2021",
        "Uy ban nhan dan huyen hoa giai nam 2021",
        "Uỷ ban  nhân-dân huyện “hoà giải” (năm 2021)…",
        unicodedata.normalize("NFD", "Uỷ ban nhân dân huyện hoà giải năm 2021"),
    ],
)
def test_tone_marks_case_spacing_and_encoding_make_no_difference(other: str) -> None:
    one = shingles("Uỷ ban nhân dân huyện hoà giải năm 2021")
    assert similarity(one, shingles(normalise(other))) == 1.0
    assert sign(one) == sign(shingles(normalise(other)))


def test_similarity_is_the_jaccard_index() -> None:
    assert similarity(frozenset("abc"), frozenset("bcd")) == 0.5
    assert similarity(frozenset("ab"), frozenset("cd")) == 0.0
    assert similarity(frozenset(), frozenset()) == 0.0


@given(st.frozensets(st.text(max_size=20)))
def test_keys_fit_an_sqlite_integer_and_depend_on_the_set_only(content: frozenset[str]) -> None:
    signature = sign(content)
    assert len(signature.bands) == (BANDS if content else 0)
    assert all(0 <= key < 2**47 for key in signature.bands)
    assert signature == sign(frozenset(sorted(content, reverse=True)))


def test_alike_texts_share_a_band_and_others_do_not() -> None:
    originals = [prose(seed) for seed in range(60)]
    copies = [edited(text, 17) for text in originals]
    for text, copy in zip(originals, copies, strict=True):
        assert 0.6 < similarity(shingles(text), shingles(copy)) < 0.75
    ones, others = ([sign(shingles(text)) for text in texts] for texts in (originals, copies))
    pairs = list(zip(ones, others, strict=True))
    assert sum(not set(one.bands).isdisjoint(other.bands) for one, other in pairs) >= 58
    assert len({key for one in ones for key in one.bands}) == 60 * BANDS
    assert all(guess(one.digest, one.digest) == 1.0 for one in ones)
    errors = [
        guess(one.digest, other.digest) - similarity(shingles(text), shingles(copy))
        for (one, other), text, copy in zip(pairs, originals, copies, strict=True)
    ]
    assert max(map(abs, errors)) < 0.15
    assert abs(sum(errors) / len(errors)) < 0.03
    strangers = [guess(one.digest, other.digest) for one, other in pairwise(ones)]
    assert max(strangers) < 0.1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Lịch tiếp công dân tháng 5", "Lịch tiếp công dân tháng 6", False),
        ("Lịch tiếp công dân tháng 05/2021", "LỊCH TIẾP CÔNG DÂN THÁNG 5 - 2021", True),
        ("Báo cáo quý I", "Báo cáo Quý II", False),
        ("BÁO CÁO QUÝ II", "Báo cáo quý II", True),
        ("Kỳ họp thứ IX", "Kỳ họp thứ X", False),
        ("Nghị quyết 35-NQ/TW", "Triển khai Nghị quyết số 35", True),
        ("Hội nghị", "Hội nghị triển khai", True),
    ],
)
def test_numbers_tell_bulletins_apart(one: str, other: str, same: bool) -> None:
    assert (numbers(one) == numbers(other)) is same
