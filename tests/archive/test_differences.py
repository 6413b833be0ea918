"""What changed between two versions, word by word."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.differences import Change, Piece, article_differences, differences
from archive.schema import Article, Attachment, Image

ARTICLE = Article(
    url="https://a.example/1",
    title="Huyện Hoằng Hoá họp",
    summary="Sáng nay.",
    body_text="Đoạn một.\nĐoạn hai.",
    author="Lê An",
    category=("Tin tức",),
    published_at="2021-01-14",
    published_raw="14/01/2021",
    view_count=7,
    images=(Image("https://a.example/1.jpg", "Ảnh một"),),
    attachments=(Attachment("https://a.example/1.pdf", "Nghị quyết"),),
)


def show(pieces: tuple[Piece, ...]) -> str:
    marks = {Change.KEPT: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "{{+{}+}}"}
    return "".join(marks[piece.change].format(piece.text) for piece in pieces)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ""),
        ("như cũ", "như cũ", "như cũ"),
        ("", "mới", "{+mới+}"),
        ("cũ", "", "[-cũ-]"),
        ("Họp lúc 8 giờ sáng", "Họp lúc 9 giờ sáng", "Họp lúc [-8-]{+9+} giờ sáng"),
        ("xã Hoằng Hoá", "xã Hoằng Hóa", "xã Hoằng [-Hoá-]{+Hóa+}"),
        ("họp hội nghị xong", "họp giao ban xong", "họp [-hội nghị-]{+giao ban+} xong"),
        ("đến nay", "đến hết nay", "đến {+hết +}nay"),
        ("Một.\nBa.", "Một.\nHai.\nBa.", "Một.\n{+Hai.\n+}Ba."),
        ("Một.\nHai.", "Một. Hai.", "Một.[-\n-]{+ +}Hai."),
        ("14/01/2021", "15/01/2021", "[-14/01/2021-]{+15/01/2021+}"),
        ("số 35-NQ/TW về", "số 36-NQ/TW về", "số [-35-NQ/TW-]{+36-NQ/TW+} về"),
        ("là 45.500.000 đồng.", "là 45.750.000 đồng.", "là [-45.500.000-]{+45.750.000+} đồng."),
        ("đạt 98,5%, vượt", "đạt 99,9%, vượt", "đạt [-98,5-]{+99,9+}%, vượt"),
        ("ngày 5,đến 7", "ngày 6,đến 7", "ngày [-5-]{+6+},đến 7"),
        ("gửi a@x.vn.", "gửi b@x.vn.", "gửi [-a@x.vn-]{+b@x.vn+}."),
        ("Ông A: “Tốt”.", 'Ông A: "Tốt".', 'Ông A: [-“-]{+"+}Tốt[-”-]{+"+}.'),
        ("A.\nHai cũ.\nBa.", "A.\nBa.\nBốn.", "A.\n[-Hai cũ.\n-]Ba.{+\nBốn.+}"),
        ("A.\nB c. D e.\nF.", "A.\nB c.\nD e.\nF.", "A.\nB c.[- -]{+\n+}D e.\nF."),
    ],
)
def test_words_that_changed(old: str, new: str, expected: str) -> None:
    assert show(differences(old, new)) == expected


TEXTS = st.text(st.sampled_from("abâ .,\n"), max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_put_together_again(old: str, new: str) -> None:
    pieces = differences(old, new)
    assert "".join(p.text for p in pieces if p.change is not Change.ADDED) == old
    assert "".join(p.text for p in pieces if p.change is not Change.REMOVED) == new
    assert all(p.text for p in pieces)
    assert all(a.change is not b.change for a, b in pairwise(pieces))


@given(st.lists(st.sampled_from(["một", "hai", "ba"]), min_size=1), st.integers(0, 99))
def test_an_inserted_word_is_all_that_is_shown(words: list[str], place: int) -> None:
    longer = [*words[:place], "mới", *words[place:]]
    pieces = differences(" ".join(words), " ".join(longer))
    changed = [(p.change, p.text.strip()) for p in pieces if p.change is not Change.KEPT]
    assert changed == [(Change.ADDED, "mới")]


def test_a_text_written_anew_is_shown_as_replaced() -> None:
    old = " ".join(f"a{i}" for i in range(3_000))
    new = " ".join(f"b{i}" for i in range(3_000))
    assert differences(old, new) == (Piece(Change.REMOVED, old), Piece(Change.ADDED, new))


def test_a_small_change_in_a_very_long_text_is_found() -> None:
    words = [f"từ{i % 700}" for i in range(100_000)]
    changed = [*words[:50_000], "mới", *words[50_000:]]
    pieces = differences(" ".join(words), " ".join(changed))
    assert [p.text for p in pieces if p.change is not Change.KEPT] == ["mới "]


def test_fields_that_differ_in_the_order_of_the_schema() -> None:
    new = replace(
        ARTICLE,
        title="Huyện Hoằng Hóa họp",
        body_text="Đoạn một.\nĐoạn ba.",
        published_at="2021-01-15",
        images=(Image("https://a.example/1.jpg", "Ảnh hai"),),
        attachments=(),
    )
    found = article_differences(ARTICLE, new)
    assert [(d.field, d.spelling) for d in found] == [
        ("title", True),
        ("body_text", False),
        ("published_at", False),
        ("images", False),
        ("attachments", False),
    ]
    assert show(found[3].pieces) == "https://a.example/1.jpg Ảnh [-một-]{+hai+}"


def test_the_counter_is_no_content() -> None:
    assert article_differences(ARTICLE, replace(ARTICLE, view_count=8)) == ()
