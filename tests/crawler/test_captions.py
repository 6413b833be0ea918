"""Captions stand beside their picture, in the words of the page."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.vietnamese import normalise
from crawler.extraction.captions import caption_text, is_caption, is_image_name, pair_caption

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"


@pytest.mark.parametrize(
    "text",
    [
        "7.png",
        "31 (2).jpg",
        "IMG_2034.jpeg",
        "Ảnh 1. Quang cảnh buổi lễ.JPG",
        "Ảnh 2 Đồng chí Bí thư phát biểu..JPG",
        "a.b.webp\xa0",
        "/HoatDong/Tin ảnh/1.gif",
    ],
)
def test_image_names(text: str) -> None:
    assert is_image_name(text)
    assert not is_caption(text)


@pytest.mark.parametrize(
    "text", ["", ".jpg", "jpg", "Ảnh jpg", "tai-lieu.pdf", "Ảnh 1. Quang cảnh"]
)
def test_not_image_names(text: str) -> None:
    assert not is_image_name(text)


@pytest.mark.parametrize(
    ("printed", "caption"),
    [
        ("( Quang cảnh buổi lễ)", "Quang cảnh buổi lễ"),
        ("(Quang cảnh buổi lễ).", "Quang cảnh buổi lễ"),
        (
            "(Đồng chí Hà An (thứ hai từ trái) trao quà)",
            "Đồng chí Hà An (thứ hai từ trái) trao quà",
        ),
        ("ồng chí Hà An phát biểu tại buổi lễ)", "ồng chí Hà An phát biểu tại buổi lễ"),
        ("(Quang cảnh buổi lễ", "Quang cảnh buổi lễ"),
        ("\xa0( Đại biểu\xa0dự lễ )\xa0", "Đại biểu dự lễ"),
        ("Ảnh: Quang cảnh buổi lễ", "Ảnh: Quang cảnh buổi lễ"),
        ("Ảnh 2 Đại biểu dự lễ", "Ảnh 2 Đại biểu dự lễ"),
        ("Ảnh minh họa", "Ảnh minh họa"),
    ],
)
def test_captions_by_form(printed: str, caption: str) -> None:
    assert is_caption(printed)
    assert caption_text(printed) == caption
    assert pair_caption("7.png", printed) == caption
    assert pair_caption("", printed) == caption


@pytest.mark.parametrize(
    "text",
    [
        "",
        "()",
        "( )",
        "(a)",
        "Quang cảnh buổi lễ",
        "Buổi lễ có các đại biểu (của huyện và tỉnh)",
        "1) Mục tiêu (đến năm 2025)",
        "a) Mục tiêu",
        "(Kèm theo Quyết định số 12)",
        "(Theo chinhphu.vn)",
        "(Xem chi tiết trong tệp đính kèm)",
        "(25.04.2019 14:04)",
        "(" + "dài " * 200 + ")",
        "chúc mọi người vui :)",
    ],
)
def test_not_captions_by_form(text: str) -> None:
    assert not is_caption(text)


@pytest.mark.parametrize(
    ("alt", "line"),
    [
        ("Ảnh 1. Quang cảnh buổi lễ.JPG", "Quang cảnh buổi lễ"),
        ("Ảnh 2 Đồng chí Hà An - Bí thư Huyện uỷ..JPG", "Đồng chí Hà An - Bí thư Huyện ủy."),
        ("Quang cảnh buổi lễ", "Quang cảnh buổi lễ."),
        ("1a.jpg", "Trao quà cho các hộ nghèo"),
    ],
)
def test_a_line_that_goes_with_its_picture(alt: str, line: str) -> None:
    assert pair_caption(alt, line) == line


@pytest.mark.parametrize(
    ("alt", "line"),
    [
        ("7.png", "Trong năm qua, huyện đã hoàn thành mọi chỉ tiêu được giao."),
        ("7.png", "Kết quả cụ thể như sau:"),
        ("7.png", "1. Về phát triển kinh tế xã hội"),
        ("7.png", "II. Về phát triển kinh tế xã hội"),
        ("7.png", "KẾT QUẢ THỰC HIỆN NHIỆM VỤ"),
        ("7.png", "8.png"),
        ("7.png", "Hà An, Trung tâm VHTT huyện"),
        ("7.png", "Theo Báo Nhân Dân điện tử"),
        ("7.png", "Xem chi tiết tại đây"),
        ("7.png", "Các ý kiến của bạn đọc"),
        ("7.png", "Chủ tịch huyện"),
        ("7.png", ""),
        ("7.png", "Trong năm " * 60),
        ("Quang cảnh buổi lễ", "Trao quà cho các hộ nghèo"),
        ("", "Trao quà cho các hộ nghèo"),
    ],
)
def test_a_line_that_belongs_to_the_body(alt: str, line: str) -> None:
    assert pair_caption(alt, line) == ""


@given(st.text(), st.text())
def test_a_caption_is_a_part_of_the_line(alt: str, line: str) -> None:
    assert pair_caption(alt, line) in normalise(line)


@given(st.text(st.sampled_from("() a.Ả")))
def test_at_most_one_pair_of_parentheses_is_taken_off(line: str) -> None:
    kept = caption_text(line)
    assert kept in normalise(line)
    assert normalise(line).count("(") - kept.count("(") <= 1
    assert normalise(line).count(")") - kept.count(")") <= 1


@pytest.mark.parametrize("piece", ["(", ")", "()", "( a) ", "Ảnh 1", "a "])
def test_a_megabyte_in_one_line_is_no_caption(piece: str) -> None:
    line = piece * (1_000_000 // len(piece))
    assert not is_caption(line)
    assert pair_caption("7.png", line) == ""


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample pages in {SAMPLES}")
@pytest.mark.parametrize(
    ("sample", "pictures", "captions"),
    [
        ("hoang-hoa-2021-08-10", 3, 3),
        ("tho-xuan-2023-01-31", 7, 2),
        ("tho-xuan-2024-04-03", 9, 8),
        ("vi-thuy-2021-01-22", 1, 1),
    ],
)
def test_the_captions_of_the_sample_pages(sample: str, pictures: int, captions: int) -> None:
    text = (SAMPLES / f"{sample}.txt").read_text()
    lines = [line for line in map(normalise, text.splitlines()) if line]
    found = [
        pair_caption(line, following) for line, following in pairwise(lines) if is_image_name(line)
    ]
    assert len(found) == pictures
    assert len([caption for caption in found if caption]) == captions
    assert not any(caption.startswith("(") or caption.endswith(")") for caption in found)
