"""Sentences that are stored in English are said in Vietnamese too, and nothing else is touched."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.remark_texts import SENTENCES
from archive.remarks import Remark, Said, codes, in_language, recognise, say, together

VALUES: dict[str, st.SearchStrategy[str]] = {
    "n": st.integers(0, 10**7).map(lambda n: f"{n:,}") | st.floats(0, 99).map("{:.1f}".format),
    "day": st.dates().map(lambda day: day.isoformat()),
    "field": st.sampled_from(["title", "author", "published_at"]),
    "verdict": st.sampled_from(["changed", "blocked", "gone"]),
    "url": st.sampled_from(["http://h.example/tin?trang=2", "https://[::1]/", "warc/a/a.warc.gz"]),
    "name": st.sampled_from(
        ["Cloudflare", "Xã Hoằng Hóa", "Hanoi: 50% (2)", "<b>", "thanhhoa-web"]
    ),
    "known": st.sampled_from([say("time-limit"), say("hours", n=40), say("unreadable", pages=60)]),
    "say": st.sampled_from([say("status", status=503), "certificate verify failed", "A (B): C"]),
}


def places(template: str) -> dict[str, str]:
    return {name: kind or "name" for name, kind in re.findall(r"\{(\w+)(?::(\w+))?\}", template)}


@given(st.data())
def test_what_is_said_is_recognised_with_all_its_places(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(codes()))
    given_ = {n: data.draw(VALUES[kind]) for n, kind in places(SENTENCES[code][0]).items()}
    assert recognise(say(code, **given_)) == Remark(code, tuple(given_.items()))


@pytest.mark.parametrize("code", codes())
def test_both_languages_have_the_same_places(code: str) -> None:
    english, vietnamese = SENTENCES[code]
    assert set(places(english)) == set(places(vietnamese))


def test_a_sentence_in_a_sentence_is_translated_and_what_others_wrote_is_marked() -> None:
    assert in_language("vi", "home page: timeout: no connection within 15 s") == (
        Said("trang chủ: quá giờ: không kết nối được trong 15 giây", "vi"),
    )
    assert in_language("vi", "home page: tls: certificate verify failed") == (
        Said("trang chủ: lỗi TLS: ", "vi"), Said("certificate verify failed", "en"),
    )  # fmt: skip
    assert in_language("vi", "an older program wrote this") == (
        Said("an older program wrote this", "en"),
    )
    assert in_language("vi", "") == ()


def test_several_sentences_are_taken_apart_and_quoted_semicolons_are_not() -> None:
    both = together(
        say("shared", pages=12, articles=40, field="title", value="Tin; bài"),
        say("unreadable", pages=7),
    )
    assert in_language("vi", both) == (
        Said(
            "12 trong 40 bài có chung một giá trị ở trường tiêu đề: Tin; bài; không đọc được 7 trang "
            "bài viết",
            "vi",
        ),
    )


def test_numbers_and_days_are_written_as_in_vietnam() -> None:
    silent = say("silent", days=30, weekly="1.5", limit=12)
    (said,) = in_language("vi", silent)
    assert "1,5 bài một tuần" in said.text
    (said,) = in_language("vi", say("newest-lost", newest="2026-01-02", before="2026-11-20"))
    assert "02/01/2026" in said.text
    assert in_language("vi", say("verification", n="1,204"))[0].text.endswith("1.204 lỗi")


def test_english_stays_as_it_was_stored() -> None:
    assert in_language("en", "home page: whatever") == (Said("home page: whatever", "en"),)
