"""Printed dates: day first, Vietnam time, never guessed."""

import re
import time
from datetime import date, datetime, timedelta, timezone
from datetime import time as clock_time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.vietnamese import normalise
from crawler.extraction.dates import bare_count, date_line, find_dates, label_role, view_count

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"

LINES = [
    ("Đăng lúc: 07:15:42 12/02/2020 (GMT+7)", "2020-02-12T07:15:42+07:00", "Đăng lúc"),
    ("Đăng lúc: 12/02/2020 (GMT+7)", "2020-02-12", "Đăng lúc"),
    ("Đăng lúc: 00:00:00 12/02/2020 (GMT+7)", "2020-02-12", "Đăng lúc"),
    ("[ Cập nhật vào ngày (12/02/2020) ] - [ Số lần xem: 31 ]", "2020-02-12", "Cập nhật vào ngày"),
    ("Thứ tư, 12/02/2020 | 07:15", "2020-02-12T07:15:00+07:00", ""),
    ("Ngày 2 tháng 3 năm 2020", "2020-03-02", ""),
    ("Ngày 02 tháng 03 năm 2020", "2020-03-02", ""),
    ("thứ năm, 06 02 2020 08:52", "2020-02-06T08:52:00+07:00", ""),
    ("thứ sáu, 28 02 2020 16:08", "2020-02-28T16:08:00+07:00", ""),
    ("(26.07.2018 14:14)", "2018-07-26T14:14:00+07:00", ""),
    ("(05.04.2018 14:14)", "2018-04-05T14:14:00+07:00", ""),
    ("30/07/2018", "2018-07-30", ""),
    ("05/07/2018", "2018-07-05", ""),
    ("Thứ Năm, 5/7/2018, 10:20 (GMT+7)", "2018-07-05T10:20:00+07:00", ""),
    ("Chủ nhật, 08/07/2018 - 09:15", "2018-07-08T09:15:00+07:00", ""),
    ("CN, 08/07/2018 09:15", "2018-07-08T09:15:00+07:00", ""),
    ("Thứ 2, 09/07/2018 10:20 SA", "2018-07-09T10:20:00+07:00", ""),
    ("09/07/2018 02:20 CH", "2018-07-09T14:20:00+07:00", ""),
    ("09/07/2018 3:05 CH", "2018-07-09T15:05:00+07:00", ""),
    ("09/07/2018 12:05 SA", "2018-07-09T00:05:00+07:00", ""),
    ("05/07/2018 2:20:00 PM", "2018-07-05T14:20:00+07:00", ""),
    ("21/07/2018 | 10:00 AM", "2018-07-21T10:00:00+07:00", ""),
    ("21/07/2018 | 12:00 AM", "2018-07-21", ""),
    ("20/07/2018 14:35 PM", "2018-07-20T14:35:00+07:00", ""),
    ("Ngày đăng: 05-07-2018", "2018-07-05", "Ngày đăng"),
    ("Ngày đăng 05/07/2018 | 10:20 | Lượt xem: 1205", "2018-07-05T10:20:00+07:00", "Ngày đăng"),
    ("Ngày đăng 05/07/2018 | 4:12 PM | View count: 7", "2018-07-05T16:12:00+07:00", "Ngày đăng"),
    ("Đăng ngày 05/07/2018", "2018-07-05", "Đăng ngày"),
    ("Cập nhật lúc 10h20, ngày 05/07/2018", "2018-07-05T10:20:00+07:00", "Cập nhật lúc"),
    ("10:20 - 05/07/2018", "2018-07-05T10:20:00+07:00", ""),
    ("10:20-05/07/2018", "2018-07-05T10:20:00+07:00", ""),
    ("10h20' ngày 5/7/2018", "2018-07-05T10:20:00+07:00", ""),
    ("10 giờ 20 phút ngày 5/7/2018", "2018-07-05T10:20:00+07:00", ""),
    ("05/07/18 10:20", "2018-07-05T10:20:00+07:00", ""),
    ("Ngày đăng: 05/07/18", "2018-07-05", "Ngày đăng"),
    ("2018-07-05T10:20:00+07:00", "2018-07-05T10:20:00+07:00", ""),
    ("2018-07-05T10:20:00Z", "2018-07-05T17:20:00+07:00", ""),
    ("2018-07-05T22:20:00.123+0000", "2018-07-06T05:20:00+07:00", ""),
    ("2018-07-05 10:20:00", "2018-07-05T10:20:00+07:00", ""),
    ("2018-07-05", "2018-07-05", ""),
    ("05/07/2018 10:20 (GMT+0)", "2018-07-05T17:20:00+07:00", ""),
    ("Thứ năm, ngày 05 tháng 07 năm 2018", "2018-07-05", ""),
    ("5 Tháng Mười Hai 2018 - 10:20:30", "2018-12-05T10:20:30+07:00", ""),
    ("5 Tháng Mười Một, 2018", "2018-11-05", ""),
    ("5 tháng mười 2018", "2018-10-05", ""),
    ("5 tháng năm năm 2018", "2018-05-05", ""),
    ("Thứ năm - 05/07/2018 14:05", "2018-07-05T14:05:00+07:00", ""),
    ("05/07/2018 14:05 | Tác giả: Hà An | Lượt xem: 12", "2018-07-05T14:05:00+07:00", ""),
    ("Ngày đăng: 05/07/2018 | Cập nhật: 06/07/2018 08:00", "2018-07-05", "Ngày đăng"),
    ("Tháng Bảy 5, 2018", "2018-07-05", ""),
    ("Tháng 7 5, 2018", "2018-07-05", ""),
    ("Th7 5, 2018", "2018-07-05", ""),
    ("5 Th7, 2018", "2018-07-05", ""),
    ("July 5, 2018", "2018-07-05", ""),
    ("Thursday, July 5th, 2018 10:20 AM", "2018-07-05T10:20:00+07:00", ""),
    ("5 July 2018", "2018-07-05", ""),
    ("05-Jul-2018 10:20", "2018-07-05T10:20:00+07:00", ""),
    ("Published: Sept 5, 2018", "2018-09-05", "Published"),
    ("2018/07/05 10:20", "2018-07-05T10:20:00+07:00", ""),
    ("Date: 05/07/2018", "2018-07-05", "Date"),
    ("Post: 05.07.2018", "2018-07-05", "Post"),
    ("Update: 05/07/2018", "2018-07-05", "Update"),
    # The month first, as the English weekday proves.
    ("Thu, 07/05/2018 - 10:20", "2018-07-05T10:20:00+07:00", ""),
    ("Fri, 07/13/2018 - 10:20", "2018-07-13T10:20:00+07:00", ""),
    ("Thu, 05/07/2018 - 10:20", "2018-07-05T10:20:00+07:00", ""),
    ("Cập nhật lần cuối: 06/07/2018 08:00 A- A A+ 100%", "2018-07-06T08:00:00+07:00", "Cập nhật lần cuối"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "label"), LINES)
def test_date_line(text: str, value: str, label: str) -> None:
    found = date_line(text)
    assert found is not None
    assert (found.value, found.label) == (value, label)
    assert found == find_dates(text)[0]
    assert text[found.start : found.end] == found.raw


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("Đăng lúc: 07:15:42 12/02/2020 (GMT+7)", "Đăng lúc: 07:15:42 12/02/2020 (GMT+7)"),
        ("[ Cập nhật vào ngày (12/02/2020) ] - [ …", "Cập nhật vào ngày (12/02/2020)"),
        ("Tin tức (26.07.2018 14:14)", "26.07.2018 14:14"),
        ("Thứ năm - 05/07/2018 14:05 | In", "Thứ năm - 05/07/2018 14:05"),
    ],
)
def test_raw_is_what_was_printed(text: str, raw: str) -> None:
    assert [found.raw for found in find_dates(text)] == [raw]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Sáng 13/6/2019, Ban Chỉ đạo huyện họp.", "2019-06-13"),
        ("theo Công văn ngày 30/9/2019 của huyện", "2019-09-30"),
        ("Số liệu cập nhật ngày 05/07/2019 cho thấy", "2019-07-05"),
        ("An Lạc, ngày 5 tháng 7 năm 2019", "2019-07-05"),
        ("Ngày họp: 05/07/2019", "2019-07-05"),
    ],
)
def test_a_date_in_a_sentence_has_no_label_and_is_no_date_line(text: str, value: str) -> None:
    assert [(found.value, found.label) for found in find_dates(text)] == [(value, "")]
    assert date_line(text) is None


def test_a_span_of_days_is_no_date_line() -> None:
    assert [d.value for d in find_dates("1/7/2019-31/7/2019")] == ["2019-07-01", "2019-07-31"]
    assert date_line("1/7/2019-31/7/2019") is None


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2019",
        "29/02/2019",
        "12/13/2019",
        "00/07/2019",
        "05/07-2019",
        "05/07/1989",
        "05/07/2100",
        "05/07/19",
        "08 09 2019",
        "4/6/2018 1:55 PM",  # perhaps American
        "Số 12/05/2019/QĐ-UBND",
        "1/05/07/2019",
        "anh-05-07-2019.jpg",
        "05.07.2019.1",
        "15/8/2019 (âm lịch)",
        "/portal/Photos/2019-07-05/a",
        "tháng 7/2019",
        "/2019/07/05/tin.html",
        "July 2019",
        "Tháng Bảy 2019",
        "Tổng công ty May 10",
        "Fri, 07/15/2018 - 10:20",  # the month first, and the weekday denies it
        "0123456789/07/2019",
        "",
    ],
)
def test_refused(text: str) -> None:
    assert find_dates(text) == [] or date_line(text) is None
    if text != "/portal/Photos/2019-07-05/a":
        assert find_dates(text) == []


def test_the_last_plausible_year_is_the_callers() -> None:
    assert find_dates("05/07/2027", last_year=2026) == []
    assert date_line("05/07/2027", last_year=2026) is None
    assert find_dates("05/07/2026", last_year=2026) != []


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        ("Thứ năm, 05/07/2018", True),
        ("Thứ 5, 05/07/2018", True),
        ("CHỦ NHẬT, 08/07/2018", True),
        ("10:20 Thứ Bảy, ngày 07/07/2018", True),
        ("thứ sáu, 05/07/2018", False),
        ("lần thứ hai, 05/07/2018", None),
        ("05/07/2018", None),
        ("Thứ năm, 5/7/2018 1:55 PM", True),  # the weekday proves that it is not American
    ],
)
def test_the_weekday_is_a_checksum(text: str, agrees: bool | None) -> None:
    assert [found.weekday_agrees for found in find_dates(text)] == [agrees]


def test_a_wrong_weekday_does_not_make_an_american_date_vietnamese() -> None:
    assert find_dates("Thứ sáu, 5/7/2018 1:55 PM") == []


def test_a_contradictory_clock_is_left_out() -> None:
    assert [d.value for d in find_dates("05/07/2018 14:05 SA")] == ["2018-07-05"]
    assert [d.value for d in find_dates("05/07/2018 0:05 CH")] == ["2018-07-05"]


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Đăng lúc", "published"),
        ("Ngày đăng", "published"),
        ("Posted on", "published"),
        ("Cập nhật vào ngày", "updated"),
        ("Ngày cập nhật", "updated"),
        ("Last modified", "updated"),
        ("Ngày", ""),
        ("", ""),
    ],
)
def test_label_role(label: str, role: str) -> None:
    assert label_role(label) == role


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Số lần xem: 512", 512),
        ("[ Số lần xem: 0 ]", 0),
        ("Lượt xem: 1.205", 1205),
        ("Lượt xem 12", 12),
        ("View count: 128", 128),
        ("Số lượt người xem: 17 Bản in Quay lại", 17),
        ("Đã xem 12 lần", 12),
        ("Đã xem: 1,024", 1024),
        ("05/07/2018 | 1.205 lượt xem", 1205),
        ("Đọc: 77", 77),
        ("Truy cập Hôm nay: 1 Hôm qua: 0 Tất cả: 281640", None),
        ("Tổng lượt xem: 99", None),
        ("Đang online: 3 Lượt xem: 99", None),
        ("Đoạn phim đạt 10.000 lượt xem sau một ngày", None),
        ("Lượt xem: 1.2K", None),
        ("Xem thêm 12 tin", None),
        ("", None),
    ],
)
def test_view_count(text: str, count: int | None) -> None:
    assert view_count(text) == count


days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
clocks = st.times().filter(lambda t: t.replace(microsecond=0) != t.min)


@given(days, clocks, st.sampled_from(["/", ".", "-"]), st.booleans())
def test_every_day_and_second_is_read_back(
    day: date, clock: clock_time, sep: str, padded: bool
) -> None:
    numbers = f"{day.day:02}{sep}{day.month:02}" if padded else f"{day.day}{sep}{day.month}"
    moment = f"{day}T{clock:%H:%M:%S}+07:00"
    printed = f"{numbers}{sep}{day.year}"
    for text in (f"{clock:%H:%M:%S} {printed}", f"Ngày đăng: {printed} - {clock:%H:%M:%S}"):
        found = date_line(text)
        assert found is not None
        assert found.value == moment


@given(days, clocks, st.integers(-12 * 4, 14 * 4))
def test_any_offset_becomes_vietnam_time(day: date, clock: clock_time, quarters: int) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    aware = datetime.combine(day, clock.replace(microsecond=0), zone)
    found = date_line(aware.isoformat())
    assert found is not None
    assert datetime.fromisoformat(found.value) == aware
    assert found.value.endswith("+07:00")


@given(st.text(st.sampled_from("0123456789/.-: ()|ThứhaiNgàyđăngtháCậpnhậtGMT+7SAhH'\n")))
def test_whatever_is_found_is_valid_and_in_order(text: str) -> None:
    end = 0
    for found in find_dates(text):
        assert end <= found.start < found.end <= len(text)
        end = found.end
        assert " ".join(text[found.start : found.end].split()) == found.raw
        assert re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+07:00)?", found.value)
        datetime.fromisoformat(found.value)


@pytest.mark.parametrize(
    "piece",
    [
        "1/1/2000 ",
        "Cập nhật lúc ",
        "1:1:",
        "12 tháng ",
        "(",
        "05.07.2021.",
        "Lượt xem ",
        "thứ hai, ",
    ],
)
def test_a_megabyte_of_hostile_text_is_read_in_linear_time(piece: str) -> None:
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    begin = time.process_time()
    find_dates(text)
    view_count(text)
    assert date_line(text) is None
    assert time.process_time() - begin < 15  # quadratic would take hours


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample pages in {SAMPLES}")
def test_each_sample_page_has_one_date_line_and_it_is_right() -> None:
    for sample in sorted(SAMPLES.glob("*.txt")):
        lines = map(normalise, sample.read_text().splitlines())
        found = [printed for printed in map(date_line, lines) if printed]
        assert [printed.value[:10] for printed in found] == [sample.stem[-10:]], sample.name


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Đăng ngày 03 - 04 - 2024", "2024-04-03"),
        ("T4, 19/08/2020 - 08:08", "2020-08-19T08:08:00+07:00"),
        ("Wed, 19/08/2020 - 08:08", "2020-08-19T08:08:00+07:00"),
        ("Ngày xuất bản: Wednesday, 19/08/2020", "2020-08-19"),
        ("Cập nhật: 16:08' 9/11/2021", "2021-11-09T16:08:00+07:00"),
    ],
)
def test_further_forms(text: str, value: str) -> None:
    printed = date_line(text)
    assert printed is not None
    assert printed.value == value
    assert printed.weekday_agrees is not False


def test_a_bare_number_after_date_and_time_is_a_counter() -> None:
    text = "Thứ ba - 09/11/2021 08:15 349"
    printed = date_line(text)
    assert printed is not None
    assert bare_count(text, [printed]) == 349
    assert date_line("09/11/2021 349") is None  # without a time it may be anything


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("Thứ 4, 27.10.2021 | 09:23:15 210 lượt xem", 210),
        ("Đăng ngày 9 - 11 - 2021 Lượt xem: 1284", 1284),
        ("Xem xét ngày 27/10/2021", None),
    ],
)
def test_views_beside_a_date(text: str, views: int | None) -> None:
    assert view_count(text) == views
