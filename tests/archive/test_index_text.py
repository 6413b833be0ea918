"""The words by which articles are found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index_text import folded_words, typed_key, typed_words
from archive.vietnamese import fold

WORD = re.compile(r"[^\W_]+")
TEXTS = [
    "Đảng bộ (35-NQ/TW), “hoà giải” – uỷ ban_huyện số 02\u00a0%…",
    "HOÀ hoà2 quý TOÀN khoẻ\nthuý\ttuỷ",
    "İstanbul ẞ ß Ωmega 北京。上海 ㎡ ½ x² ǀ ﬁn",
    "",
    "\x1c\x1f a\x00b",
]


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_what_the_index_sees_as_words(text: str) -> None:
    assert folded_words(text) == WORD.findall(fold(text))
    assert typed_words(text) == WORD.findall(typed_key(text))


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aăâđoòóuưỷàoaHOÀQ _-.35İ。"))))
def test_words_of_any_text(text: str) -> None:
    assert folded_words(text) == WORD.findall(fold(text))
    assert typed_words(text) == WORD.findall(typed_key(text))
