"""TCVN3 and VNI: letters that only a font made Vietnamese."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.legacy_fonts import Script, convert, from_tcvn3, from_vni

TEXT = (
    "ủy ban nhân dân huyện vừa tổ chức hội nghị sơ kết công tác sáu tháng đầu năm; dự có lãnh đạo "
    "các phòng, ban, xã, thị trấn. kết quả: trồng rừng đạt kế hoạch, giữ vững trật tự, đời sống "
    "được cải thiện, khuyến khích hộ nghèo phấn đấu vươn lên, mỗi ngõ xóm đều sạch đẹp, kỹ thuật "
    "mới, lũ quét, chặt chẽ, ẩn ý, ở rể, thuở ấy, quỳ, yếu, kỷ luật, ỷ lại, tỵ nạn, hẳn hoi, bẵng"
)


@pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv is not installed")
def test_tcvn3_agrees_with_iconv() -> None:
    encoded = subprocess.run(
        ["iconv", "-f", "UTF-8", "-t", "TCVN5712-1"],
        input=TEXT.encode(),
        capture_output=True,
        check=True,
    ).stdout.decode("latin-1")
    assert encoded != TEXT
    assert convert(encoded) == (TEXT, Script.TCVN3)
    assert convert(encoded, ".VnTime") == (TEXT, Script.TCVN3)
    assert convert(encoded, "'.VnTimeH', serif") == (TEXT.upper(), Script.TCVN3)


@pytest.mark.parametrize(
    ("tcvn3", "vietnamese"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Tr\u00adêng tiÓu häc ¢n ThÞ ®ãn n¨m häc míi", "Trường tiểu học Ân Thị đón năm học mới"),
        ("§¶ng bé huyÖn ¤n l¹i ¦íc m¬ £m ¡n", "Đảng bộ huyện Ôn lại Ước mơ Êm Ăn"),
    ],
)
def test_tcvn3_pairs(tcvn3: str, vietnamese: str) -> None:
    assert from_tcvn3(tcvn3) == vietnamese
    assert convert(tcvn3) == (vietnamese, Script.TCVN3)


@pytest.mark.parametrize(
    ("vni", "vietnamese"),
    [
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Ñaûng boä huyeän toå chöùc leã hoäi röôùc ñeøn", "Đảng bộ huyện tổ chức lễ hội rước đèn"),
        ("UÛY BAN NHAÂN DAÂN HUYEÄN ÑÖÙC THÒNH", "ỦY BAN NHÂN DÂN HUYỆN ĐỨC THỊNH"),
        (
            "baèng laêng, kyõ thuaät, tyû leä, lyù, kyø, tî naïn",
            "bằng lăng, kỹ thuật, tỷ lệ, lý, kỳ, tỵ nạn",
        ),
        ("soáng gôûi môùi mæm khí thì nghæ", "sống gởi mới mỉm khí thì nghỉ"),
    ],
)
def test_vni_pairs(vni: str, vietnamese: str) -> None:
    assert from_vni(vni) == vietnamese
    assert convert(vni) == (vietnamese, Script.VNI)
    assert convert(vni, "VNI-Times") == (vietnamese, Script.VNI)


def test_vni_has_every_vietnamese_letter() -> None:
    marks = "ùøûõï"
    chart = [v + m for v in ("a", "e", "o", "u", "y", "ô", "ö") for m in marks if v + m != "yï"]
    chart += [v + m for v in "aeo" for m in "âáàåãä"] + ["a" + m for m in "êéèúüë"]
    chart += [*"ñôöíìæóòî"]
    small = {from_vni(code) for code in chart}
    assert len(small) == len(chart) == 67
    assert {from_vni(code.upper()) for code in chart} == {letter.upper() for letter in small}


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "và là hòa bình, có cà phê, sân và hè",  # Vietnamese without a letter beyond Latin-1
        "Café, résumé, naïve, déjà vu, été, à la carte",
        "Straße, Fähre, Übergröße, schön",
        "5 µm ± 2 °C · § 3 × ½",
        "Ky hop thu 5",
        "",
    ],
)
@pytest.mark.parametrize("font", ["", "Arial", "Times New Roman, serif"])
def test_what_is_no_legacy_text_stays(text: str, font: str) -> None:
    assert convert(text, font) == (text, Script.UNICODE)


@pytest.mark.parametrize("font", [".VnTime", "VNI-Times", ".VnTimeH"])
def test_unicode_text_under_a_leftover_font_name_stays(font: str) -> None:
    assert convert("Hội nghị tổng kết", font) == ("Hội nghị tổng kết", Script.UNICODE)


def test_too_little_to_tell_is_kept_and_flagged() -> None:
    assert convert("x· héi") == ("x· héi", Script.DOUBTFUL)
    assert convert("x· héi", ".VnTime") == ("xã hội", Script.TCVN3)


def test_a_font_that_does_not_explain_the_text_is_flagged() -> None:
    text = "Ænd Zürich ß§x ¶¶ x·"
    assert convert(text, ".VnTime") == (text, Script.DOUBTFUL)


def test_a_font_of_capitals_prints_plain_letters_as_capitals() -> None:
    assert convert("Ban tin", ".VnArialH") == ("BAN TIN", Script.TCVN3)
    assert convert("Ban tin", ".VnArial") == ("Ban tin", Script.UNICODE)


@given(st.text(), st.sampled_from(["", ".VnTime", ".VnTimeH", "VNI-Times", "Arial"]))
def test_any_text_is_converted_or_kept(text: str, font: str) -> None:
    converted, script = convert(text, font)
    if script in (Script.UNICODE, Script.DOUBTFUL):
        assert converted == text


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF)))
def test_latin_1_never_breaks_it(text: str) -> None:
    convert(text)
    assert len(from_tcvn3(text)) == len(text)
