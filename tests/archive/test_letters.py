"""A text changed letter by letter is the same however it is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from similar_texts import prose

from archive.letters import by_letter
from archive.signatures import shingles
from archive.vietnamese import fold, syllables

VIETNAMESE = "aàảãáạăâđêôơưĐƯỜNG “Hòa” – 12/2021… •\t\n"


def swapped(text: str) -> str:
    return "".join(chr(ord(c) ^ 1) if c.isalpha() else c for c in text)


@given(st.text(alphabet=VIETNAMESE) | st.text())
def test_it_is_what_the_slow_way_gives(text: str) -> None:
    for slow in (fold, syllables, swapped):
        assert by_letter(slow)(text) == slow(text)


def test_every_character_alone_and_beside_a_usual_one() -> None:
    fast = by_letter(fold)
    for code in (*range(0xD800), *range(0xE000, 0x11000)):
        assert fast(f"Đ{chr(code)}a") == fold(f"Đ{chr(code)}a"), hex(code)


def test_a_change_that_makes_two_letters_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="each letter into one"):
        by_letter(lambda text: text.replace("đ", "dd"))


def test_usual_text_is_not_left_to_the_slow_way() -> None:
    asked: list[str] = []

    def change(text: str) -> str:
        asked.append(text)
        return text.lower()

    fast = by_letter(change)
    asked.clear()
    assert fast(prose(3) + VIETNAMESE) == (prose(3) + VIETNAMESE).lower()
    assert asked == []
    assert fast("Привет") == "привет"
    assert asked == ["Привет"]


def test_shingles_do_not_depend_on_the_way() -> None:
    assert shingles("Hoà bình, ĐỘC LẬP tự do") == {
        "hoa binh doc",
        "binh doc lap",
        "doc lap tu",
        "lap tu do",
    }
    # A letter from elsewhere does not change those beside it.
    assert shingles("Hoà bình, ĐỘC LẬP tự do Ω") > shingles("Hoà bình, ĐỘC LẬP tự do")
