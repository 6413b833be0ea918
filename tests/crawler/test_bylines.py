"""Bylines are found; last sentences are never taken for one."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.vietnamese import normalise
from crawler.extraction.bylines import (
    STOP_LINES,
    cut_furniture,
    is_byline,
    is_furniture_line,
    is_signature,
    is_source_credit,
    is_stop_line,
    take_byline,
)

SHARED = Path(__file__).parents[2].parent / "shared"
LAST = "Hội nghị thành công tốt đẹp./."

BYLINES = [
    "Hà An- Minh Khôi, Trung tâm VHTT huyện",
    "Hà An-Minh Khôi, Trung tâm VHTT, TT&DL huyện",
    "Trần Gia Bảo, Trung tâm VHTT, TT và DL An Lạc",
    "Hà An – Trung tâm VHTTTT&DL",
    "Hà An – ĐTT.",
    "Hà An, Đài Truyền thanh huyện",
    "Trần Gia Bảo (Đài TT-TH huyện)",
    "Hà An",
    "Hà An và Minh Khôi",
    "Hà An & Minh Khôi",
    "Trần Thị Bích Hà Phương",
    "TRẦN GIA BẢO",
    "Vũ Thuỷ",
    "H’Mai Niê",
    "Y Thanh - H'Mai",
    "G. Bảo",
    "Tr. G. Bảo",
    "T.G.B",
    "T.G.B - H.A.",
    "Hà An (Tổng hợp)",
    "Hà An (Theo baochinhphu.vn)",
    "Tin, ảnh: Bảo",
    "Tin ảnh: Hà An",
    "Tịn, ảnh HÀ AN",
    "Bài và ảnh: HÀ AN",
    "Bài, ảnh: Hà An - Bảo",
    "Ảnh: Hà An",
    "Tác giả: Hà An",
    "CTV Hà An",
    "Tin: Phòng Nội vụ",
    "BBT",
    "TTVH-TT",
    "Văn phòng HĐND-UBND huyện",
    "Đài Truyền thanh - Truyền hình huyện",
    "Trung tâm Văn hoá, Thông tin, Thể thao và Du lịch huyện An Lạc",
    "ĐÀI TRUYỀN THANH HUYỆN AN LẠC",
    "Phòng Văn hóa và Thông tin",
    "Ban Tổ chức Huyện ủy",
    "\u00a0" * 60 + "Hà An\u00a0",
    "- Hà An .",
]

SENTENCES = [
    "Hội nghị thành công tốt đẹp.",
    LAST,
    "góp phần giữ vững an ninh trật tự trên địa bàn huyện./.",
    "Ban Chỉ đạo huyện đã tổ chức hội nghị",
    "Phòng Nội vụ tổ chức hội nghị tổng kết",
    "Huyện đoàn An Lạc tổ chức Ngày hội",
    "Trung tâm Y tế huyện khuyến cáo người dân",
    "Phòng Nội vụ huyện.",
    "Hà An phát biểu",
    "Ông Trần Gia Bảo",
    "Đồng chí Trần Gia Bảo",
    "Trần Gia Bảo - Chủ tịch UBND huyện",
    "Chủ tịch UBND huyện",
    "Ảnh: Đồng chí Trần Gia Bảo phát biểu tại hội nghị",
    "Ảnh Đồng Lúa",
    "Tin Vui Cho Nông Dân An Lạc",
    "Bảo",
    "A B",
    "Hết",
    "KẾT LUẬN",
    "TIẾP CÔNG DÂN",
    "DU LỊCH",
    "CHƯƠNG TRÌNH QP - AN",
    "Văn Hóa",
    "Văn Hóa - Xã Hội",
    "Việt Nam",
    "Phần II",
    "Xin Trân Trọng Cảm Ơn",
    "Tháng Năm",
    "Sign In",
    "Latest News",
    "Hà An?",
    "Thành phần:",
    "12.000 đồng",
    "Theo chinhphu.vn",
    "TIN ĐÃ ĐƯA",
    "",
    "   ",
    ".",
    "Hà An " * 300,
]


@pytest.mark.parametrize("line", BYLINES)
def test_bylines(line: str) -> None:
    assert is_byline(line)
    body, byline = take_byline([LAST, line])
    assert body == [LAST]
    assert byline
    assert byline in normalise(line)


@pytest.mark.parametrize("line", SENTENCES)
def test_not_bylines(line: str) -> None:
    assert not is_byline(line)
    assert take_byline([LAST, line])[1] == (line if is_source_credit(line) else "")


small = st.sampled_from(
    [
        "và",
        "của",
        "trong",
        "các",
        "đã",
        "đang",
        "được",
        "cho",
        "với",
        "người",
        "dân",
        "huyện",
        "công",
        "tác",
        "phát",
        "triển",
        "nông",
        "thôn",
        "năm",
    ]
)
sentences = st.lists(small, min_size=3, max_size=30).map(
    lambda words: " ".join(words).capitalize() + "."
)


@given(sentences)
def test_no_sentence_in_small_letters_is_a_byline(sentence: str) -> None:
    assert not is_byline(sentence)
    assert take_byline([LAST, sentence]) == ([LAST, sentence], "")


@given(st.text())
def test_any_line_is_judged(line: str) -> None:
    is_byline(line)
    is_source_credit(line)
    is_stop_line(line)
    is_furniture_line(line)
    assert line.startswith(cut_furniture(line))


@pytest.mark.parametrize(
    ("paragraphs", "body", "byline"),
    [
        (["Một.", "Minh TrangCác ý kiến của bạn đọc"], ["Một."], "Minh Trang"),
        (["Một.", "Minh Trang Các ý kiến của bạn đọc"], ["Một."], "Minh Trang"),
        (["Một.", "Hà An", "TIN ĐÃ ĐƯA"], ["Một."], "Hà An"),
        (["Một.", "Hà An", "", "In bài viết | Gửi email", "\xa0"], ["Một."], "Hà An"),
        (["Một.", "Hà An", "Trung tâm VHTT huyện"], ["Một."], "Hà An\nTrung tâm VHTT huyện"),
        (["Một.", "Hà An", "Theo chinhphu.vn"], ["Một."], "Hà An\nTheo chinhphu.vn"),
        (["Một.", "Theo chinhphu.vn", "Hà An"], ["Một.", "Theo chinhphu.vn"], "Hà An"),
        (["Một.", "Theo chinhphu.vn"], ["Một."], "Theo chinhphu.vn"),
        (["Theo chinhphu.vn"], ["Theo chinhphu.vn"], ""),
        (["Hội nghị bế mạc./. Hà An – Đài TT"], ["Hội nghị bế mạc./."], "Hà An – Đài TT"),
        (["Hội nghị bế mạc./."], ["Hội nghị bế mạc./."], ""),
        (["Hà An"], ["Hà An"], ""),
        (["Danh sách:", "Hà An", "Minh Khôi", "Gia Bảo"], None, ""),
        (["Điều 3. Thi hành.", "CHỦ TỊCH", "(Đã ký)", "Trần Gia Bảo"], None, ""),
        (["Điều 3. Thi hành.", "KT. CHỦ TỊCH", "Trần Gia Bảo"], None, ""),
        (["Một.", "\xa0 Hà An \xa0"], ["Một."], "Hà An"),
        ([], [], ""),
        (["", " "], [], ""),
    ],
)
def test_take_byline(paragraphs: list[str], body: list[str] | None, byline: str) -> None:
    assert take_byline(paragraphs) == (paragraphs if body is None else body, byline)


@given(st.lists(st.sampled_from([*BYLINES, *SENTENCES, "TIN ĐÃ ĐƯA", "100%"]), max_size=8))
def test_nothing_but_the_end_is_touched(paragraphs: list[str]) -> None:
    body, byline = take_byline(paragraphs)
    said = [line for line in paragraphs if line.strip()]
    assert body == said[: len(body)]
    assert len(byline.split("\n")) <= 3
    assert take_byline(paragraphs) == (body, byline)


@pytest.mark.parametrize(
    "line",
    [
        "Theo chinhphu.vn",
        "(Theo baothanhhoa.vn)",
        "Theo http://baodaklak.vn/",
        "Theo TTXVN",
        "Theo Báo Nhân Dân điện tử",
        "Nguồn: Cổng thông tin điện tử tỉnh",
        "Nguồn: http://a.gov.vn/tin/1.html",
        "Nguồn tin: Sở Y tế",
        "Trích nguồn Báo Lao động",
    ],
)
def test_source_credits(line: str) -> None:
    assert is_source_credit(line)
    assert not is_byline(line)


@pytest.mark.parametrize(
    "line",
    [
        "Theo Báo cáo của UBND huyện",
        "Theo đó, các xã sẽ hoàn thành trước tháng 6.",
        "Theo Nghị quyết 35",
        "Theo kế hoạch",
        "Theo",
        "Nguồn:",
        "Nguồn vốn đầu tư",
        "Nguồn nước sạch cho người dân",
        "Hà An",
    ],
)
def test_not_source_credits(line: str) -> None:
    assert not is_source_credit(line)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Minh TrangCác ý kiến của bạn đọc", "Minh Trang"),
        ("Minh Trang Các ý kiến của bạn đọc:", "Minh Trang"),
        ("thành công.Tin đã đưaGặp mặt đầu xuân", "thành công."),
        ("Hà AnBình luận", "Hà An"),
        ("Các ý kiến của bạn đọc", ""),
        ("Tin khác với mọi năm, vụ này được mùa.", "Tin khác với mọi năm, vụ này được mùa."),
        ("Gửi về mục “Ý kiến bạn đọc” của báo.", "Gửi về mục “Ý kiến bạn đọc” của báo."),
        ("Mục Ý kiến bạn đọc của Trang", "Mục Ý kiến bạn đọc của Trang"),
        ("có ý kiến bình luận", "có ý kiến bình luận"),
        ("", ""),
    ],
)
def test_cut_furniture(line: str, kept: str) -> None:
    assert cut_furniture(line) == kept


@pytest.mark.parametrize(
    "line",
    [
        *STOP_LINES,
        "TIN ĐÃ ĐƯA:",
        "Bình luận (3)",
        ">> Tin liên quan",
        " Truy cập\xa0",
        "Cac tin khac",
    ],
)
def test_stop_lines(line: str) -> None:
    assert is_stop_line(line)


@pytest.mark.parametrize(
    "line", ["Tin khác thường", "Truy cập mạng an toàn", "Bình luận viên", "", "1", "Kết quả"]
)
def test_not_stop_lines(line: str) -> None:
    assert not is_stop_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "100%",
        "90 %",
        "date",
        "In bài viết",
        "Gửi email",
        "Chia sẻ",
        "A- A A+",
        "A-",
        "In bài viết | Gửi email | Chia sẻ",
        "[ Số lần xem: 512 ]",
        "Số lượt người xem: 17 Bản in Quay lại",
        "Hôm nay: 1",
        "Tất cả: 281.640",
        "Xem chi tiết Tại đây",
        "Đang cập nhật …",
    ],
)
def test_furniture(line: str) -> None:
    assert is_furniture_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "Hôm nay trời nắng",
        "100% hộ dân",
        "In sách",
        "Chia sẻ khó khăn",
        "Hà An",
        "",
        "Tất cả vì dân",
    ],
)
def test_not_furniture(line: str) -> None:
    assert not is_furniture_line(line)


@pytest.mark.parametrize(
    "piece",
    ["A A A A ", "A.", "A.A ", "A, ", "Nguyễn ", "tin ảnh ", "Tin khác ", "./. a", "Ban ", "("],
)
def test_a_megabyte_in_one_line_is_judged_at_once(piece: str) -> None:
    line = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    begin = time.process_time()
    take_byline(["Một.", line])
    for length in (100, 110, 1000):
        is_byline(line[:length])
        is_source_credit(line[:length])
    assert time.process_time() - begin < 5


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no sample pages in {SHARED}")
def test_the_byline_of_each_sample_page_is_found_and_no_other_line_is_one() -> None:
    for sample in sorted((SHARED / "samples").glob("*.txt")):
        lines = [normalise(line) for line in sample.read_text().splitlines()]
        end = next((at for at, line in enumerate(lines) if is_stop_line(line)), len(lines))
        lines = [line for line in lines[:end] if line]
        body, byline = take_byline(lines)
        assert byline, sample.name
        assert lines[-1].startswith(byline)
        assert body == lines[:-1]
        assert not [line for line in body if len(line) > 60 and is_byline(line)], sample.name


@pytest.mark.parametrize("line", ["KHÁNH MẪU", "Minh", "H.M", "Trần Văn Mẫu", "THU HÀ - MINH MẪU"])
def test_a_name_set_apart_is_a_signature(line: str) -> None:
    assert is_signature(line)


@pytest.mark.parametrize(
    "line",
    ["KẾT LUẬN", "CHỦ TỊCH", "Nơi nhận", "Phần II", "Người lập biểu", "UBND HUYỆN", "Cảm ơn quý vị đã đọc bài"],
)  # fmt: skip
def test_other_lines_set_apart_are_no_signatures(line: str) -> None:
    assert not is_signature(line)


def test_a_signature_counts_only_where_it_is_set_apart() -> None:
    body = ["Đoạn thứ nhất.", "Đoạn thứ hai.", "KHÁNH MẪU"]
    assert take_byline(body) == (body, "")
    assert take_byline(body, {"KHÁNH MẪU"}) == (body[:2], "KHÁNH MẪU")


@pytest.mark.parametrize(
    "line",
    ["Các thông tin khác", "Những bài viết mới hơn", "CÁC TIN BÀI LIÊN QUAN:", "Tin khác trong mục", "Văn bản mới"],
)  # fmt: skip
def test_headings_of_other_news_are_worded_in_many_ways(line: str) -> None:
    assert is_stop_line(line)


@pytest.mark.parametrize(
    "line", ["Tin tức huyện Mẫu", "Bài học kinh nghiệm", "Văn bản số 12/UBND", "Tin"]
)
def test_other_lines_that_begin_so_are_none(line: str) -> None:
    assert not is_stop_line(line)


@pytest.mark.parametrize(
    "line", ["Số lượt người xem : Bản in", "Quay lại In trang", "Cỡ chữ: A A A | In trang", "Bản in Gửi email"]
)  # fmt: skip
def test_rows_of_widgets_are_furniture(line: str) -> None:
    assert is_furniture_line(line)


@pytest.mark.parametrize("line", ["A Lưu", "In 500 tờ rơi", "Email: ubnd@mau.example"])
def test_lines_with_a_word_of_their_own_are_not(line: str) -> None:
    assert not is_furniture_line(line)


@pytest.mark.parametrize(
    "line", ["Theo daknong online", "Theo vietnamnet", "(Nguồn: Báo Thanh Hóa)"]
)
def test_sites_are_sources_however_they_are_written(line: str) -> None:
    assert is_source_credit(line)


@pytest.mark.parametrize("line", ["Theo báo cáo", "Theo thống kê", "Theo quy định", "Theo đó"])
def test_the_beginning_of_a_sentence_is_no_source(line: str) -> None:
    assert not is_source_credit(line)
