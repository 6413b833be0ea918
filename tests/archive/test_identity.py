"""When two readings are one article, what differs between them, and when an article was not there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.absences import Absence, Sight, absences
from archive.identity import Likeness, Meeting, compare, is_same_article, recognition_key
from archive.schema import Article, Attachment, Image

OLD = "https://thoxuan.example/web/trang-chu/tin-tuc"
NEW = "https://thoxuan.example/portal/Pages"
PARAGRAPHS = (
    "Sáng 14/1, tại hội trường huyện, Ủy ban nhân dân huyện tổ chức hội nghị hoà giải viên giỏi với "
    "sự có mặt của 27 xã, thị trấn.",
    "Phát biểu khai mạc, đồng chí Nguyễn Văn Thuỷ nêu rõ: công tác hoà giải ở cơ sở – nơi gần dân "
    "nhất – phải bền bỉ, khéo léo.",
    "Kết thúc hội thi, ban tổ chức trao 3 giải nhất, 5 giải nhì và 12 giải khuyến khích, tổng trị "
    "giá 45.500.000 đồng.",
)
STORY = Article(
    url=f"{OLD}/hoi-thi-hoa-giai-vien-gioi.html",
    title="Hội thi “Hoà giải viên giỏi” huyện năm 2021",
    summary="Hội thi là dịp để các hoà giải viên trao đổi kinh nghiệm.",
    body_text="\n".join(PARAGRAPHS),
    author="Lê Thơ, Trung tâm VHTT huyện",
    category=("Chiến lược - Định hướng",),
    published_at="2021-01-14T08:35:02+07:00",
    published_raw="Đăng lúc: 08:35:02 14/01/2021 (GMT+7)",
    images=(Image(f"{OLD}/file/thumb/500/1234.jpg", "Toàn cảnh hội thi", "22 (3).jpg"),),
    attachments=(Attachment(f"{OLD}/file/Ke-hoach-15.pdf", "Kế hoạch số 15", "application/pdf"),),
)


def told(article: Article, **changes: object) -> Article:
    """The same article after these changes."""
    return replace(article, **changes)  # type: ignore[arg-type]


def moved(article: Article) -> Article:
    """As another platform prints it: addresses, tone marks, strokes, case and places are others."""
    body = article.body_text.replace("hoà", "hòa").replace("Thuỷ", "Thủy").replace(" – ", " - ")
    return told(
        article,
        url=f"{NEW}/2021-1-14/Hoi-thi-Hoa-giai-vien-gioix7k2p.aspx",
        title=article.title.replace("Hoà", "Hòa").replace("“", '"').replace("”", '"'),
        summary="",
        body_text=f"{article.summary.upper()}\n{body}\nToàn cảnh hội thi\nTác giả: Lê Thơ".replace(
            "27 xã", "27  xã"
        ),
        author="LÊ THƠ - Trung tâm VHTT huyện",
        category=("Tin tức",),
        published_at="2021-01-14",
        published_raw="Đăng ngày 14/01/2021",
        updated_at="2026-10-01",
        images=(Image(f"{NEW}/Photos/2026-10/89dcdbb35982c49dba-thi.jpg", "(Toàn cảnh hội thi)"),),
        attachments=(Attachment(f"{NEW}/Docs/8f3_Ke-hoach-15.PDF", "Tải về"),),
    )


def changed(old: str, new: str) -> Article:
    """The story after one edit of its text."""
    text = STORY.body_text.replace(old, new)
    assert text != STORY.body_text
    return told(STORY, body_text=text)


# -- what is an edit, and what is not --------------------------------------------------------------


@pytest.mark.parametrize(
    "noise",
    [
        {"view_count": 900},
        {"category": ("Tin tức", "Văn hoá")},
        {"published_raw": "14-01-2021 08:35:02"},
        {
            "images": (
                replace(STORY.images[0], url=f"{OLD}/file/thumb/500/1234.jpg?t=1658804544379"),
            )
        },
        {"images": (replace(STORY.images[0], alt="IMG_0001.JPG"),)},
        {"attachments": (replace(STORY.attachments[0], media_type=""),)},
    ],
)
def test_noise_is_no_change_at_all(noise: dict[str, object]) -> None:
    assert compare(STORY, told(STORY, **noise)) is Likeness.SAME
    assert compare(STORY, told(STORY, **noise), moved=True) is Likeness.SAME


@pytest.mark.parametrize(
    "form",
    [
        {"title": STORY.title.replace("Hoà", "Hòa")},
        {"title": STORY.title.replace("“", '"').replace("”", '"')},
        {"body_text": STORY.body_text.replace("\n", " ")},
        {"body_text": STORY.body_text.replace(" – ", " - ")},
        {"summary": "", "body_text": f"{STORY.summary}\n{STORY.body_text}"},
        {"images": (replace(STORY.images[0], url=f"{OLD}/file/thumb/800/1234.jpg"),)},
        {
            "attachments": (
                replace(STORY.attachments[0], url="https://cdn.example/ke-hoach-15.pdf"),
            )
        },
    ],
)
def test_the_form_alone_is_no_edit(form: dict[str, object]) -> None:
    assert compare(STORY, told(STORY, **form)) is Likeness.FORM


@pytest.mark.parametrize(
    ("old", "new", "likeness"),
    [
        ("/file/thumb/500/1234.jpg", "/file/thumb/1200x800/1234.jpg", Likeness.FORM),
        ("/Photos/_w/a1.jpg", "/Photos/a1.jpg", Likeness.FORM),
        ("/anh/le-hoi.jpg", "/cdn/2026/le-hoi.jpg", Likeness.FORM),
        ("/2021_03/image001.jpg", "/2021_04/image001.jpg", Likeness.OTHER),
        ("/2021/1.jpg", "/2022/1.jpg", Likeness.OTHER),
        ("/image/article?img_id=4418032", "/image/article?img_id=4418033", Likeness.OTHER),
        ("/image/article?img_id=1&t=1658804544379", "/image/article?img_id=1&t=1658804544380",
         Likeness.SAME),
    ],
)  # fmt: skip
def test_a_picture_that_was_exchanged_is_an_edit(old: str, new: str, likeness: Likeness) -> None:
    one, other = (
        told(STORY, images=(Image(f"https://a.example{path}", "Toàn cảnh"),)) for path in (old, new)
    )
    assert compare(one, other) is likeness


def test_texts_that_have_nothing_but_their_words_in_common_are_soon_told_apart() -> None:
    words = [f"từ{i % 700}" for i in range(30_000)]
    one, other = (told(STORY, body_text=" ".join(w)) for w in (words, words[::-1]))
    assert compare(one, other, moved=True) is Likeness.OTHER


EDITS = {
    "a word": changed("bền bỉ", "kiên trì"),
    "a number": changed("3 giải nhất", "4 giải nhất"),
    "digits apart": changed("45.500.000", "455.000.000"),
    "a name": changed("Nguyễn Văn Thuỷ", "Nguyễn Văn Thành"),
    "a diacritic": changed("bền bỉ", "bên bỉ"),
    "a line with a number": told(STORY, body_text=STORY.body_text + "\nĐính chính: 28 xã."),
    "half a sentence": changed(" – nơi gần dân nhất –", ""),
    "a paragraph": told(STORY, body_text="\n".join(PARAGRAPHS[:2])),
    "order": told(STORY, body_text="\n".join(reversed(PARAGRAPHS))),
    "title": told(STORY, title="Hội thi “Hoà giải viên giỏi” huyện năm 2022"),
    "day": told(STORY, published_at="2021-01-15T08:35:02+07:00"),
    "byline": told(STORY, author="Xuân Chất, Trung tâm VHTT huyện"),
    "caption": told(STORY, images=(replace(STORY.images[0], caption="Trao giải"),)),
    "attachment": told(
        STORY, attachments=(replace(STORY.attachments[0], url=f"{OLD}/Ke-hoach-16.pdf"),)
    ),
    "attachment gone": told(STORY, attachments=()),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_an_edit_wherever_it_is_met(name: str) -> None:
    assert compare(STORY, EDITS[name]) is Likeness.OTHER
    assert compare(STORY, EDITS[name], moved=True) is Likeness.OTHER
    assert compare(EDITS[name], STORY, moved=True) is Likeness.OTHER


@pytest.mark.parametrize(
    "edit",
    [
        {"published_at": "2021-01-14T09:00:00+07:00"},
        {"updated_at": "2021-01-15"},
        {"author": ""},
        {"title": STORY.title.upper()},
        {"body_text": STORY.body_text.replace("nêu rõ:", "nêu rõ")},
        {"images": ()},
        {"images": (replace(STORY.images[0], url=f"{OLD}/file/thumb/500/9999.jpg"),)},
        {"images": (replace(STORY.images[0], url=f"{OLD}/2020/file/1234.jpg"),)},
        {"body_text": STORY.body_text + "\nXin cáo lỗi."},
    ],
)
def test_what_only_another_layout_explains_is_else_an_edit(edit: dict[str, object]) -> None:
    assert compare(STORY, told(STORY, **edit)) is Likeness.OTHER
    assert compare(STORY, told(STORY, **edit), moved=True) is Likeness.FORM


def test_another_platform_prints_all_otherwise_and_it_is_the_same() -> None:
    assert compare(STORY, moved(STORY)) is Likeness.OTHER
    assert compare(STORY, moved(STORY), moved=True) is Likeness.FORM
    assert compare(moved(STORY), STORY, moved=True) is Likeness.FORM
    for name in (
        "a word",
        "a number",
        "a name",
        "a diacritic",
        "half a sentence",
        "order",
        "title",
    ):
        assert compare(STORY, moved(EDITS[name]), moved=True) is Likeness.OTHER, name


@given(
    st.lists(st.sampled_from(["hoà ", "hòa ", "12 ", "1", "2", "- ", "\n", "Thọ "]), max_size=12)
)
def test_every_reading_is_like_itself(parts: list[str]) -> None:
    article = told(STORY, body_text="".join(parts))
    assert compare(article, article) is Likeness.SAME
    upper = told(article, body_text=article.body_text.upper())
    assert compare(article, upper, moved=True) is not Likeness.OTHER


def test_numbers_never_run_together() -> None:
    one, other = (told(STORY, body_text=f"Lô {lot} khu B") for lot in ("1 23", "12 3"))
    assert compare(one, other, moved=True) is Likeness.OTHER


# -- the same article under another address --------------------------------------------------------

APART = Meeting()
LED = Meeting(led=True)
SIDE_BY_SIDE = Meeting(side_by_side=True)


def test_an_article_is_known_again_on_another_platform() -> None:
    assert is_same_article(STORY, moved(STORY), APART)
    assert is_same_article(moved(STORY), STORY, APART)
    assert recognition_key(STORY.title, STORY.published_at) == recognition_key(
        moved(STORY).title, moved(STORY).published_at
    )


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Công văn số 718/UBND-NN về phòng cháy", "Tải về"),
        ("Quyết định số 12/2021/QĐ-UBND", "QD.pdf"),
        ("Thông báo đấu giá quyền sử dụng đất", "Thông báo 45 đấu giá.pdf"),
        ("Thông báo đấu giá quyền sử dụng đất", "Hồ sơ mời đấu giá.doc"),
    ],
)
def test_a_page_that_is_little_more_than_a_named_document(title: str, label: str) -> None:
    one = notice(title, "Nội dung xem tệp đính kèm", attachments=(replace(FILE, label=label),))
    dressed = Attachment(f"{NEW}/VanBan/7e9fedb15a5edbc0/0001.pdf", label)
    assert is_same_article(one, told(one, url=f"{NEW}/x.aspx", attachments=(dressed,)), APART)
    assert not is_same_article(one, told(one, title=title + " (bổ sung)"), APART)
    assert not is_same_article(one, told(one, published_at="2023-03-21"), APART)
    assert not is_same_article(one, told(one, body_text="Nội dung xem phụ lục"), APART)


def notice(title: str, body: str, day: str | None = "2023-03-20", **fields: object) -> Article:
    url = f"{OLD}/thong-bao.html"
    return Article(url=url, title=title, body_text=body, published_at=day, **fields)  # type: ignore[arg-type]


def form_letter(*gaps: str) -> str:
    blank = (
        "Thực hiện kế hoạch công tác, Ủy ban nhân dân huyện thông báo lịch tiếp công dân của {} tại "
        "trụ sở tiếp công dân huyện vào {}. Đề nghị các phòng, ban, đơn vị liên quan và Ủy ban nhân "
        "dân các xã, thị trấn biết, chuẩn bị nội dung và cử người tham dự đúng thành phần, đúng giờ "
        "quy định. Mọi thắc mắc xin liên hệ Văn phòng huyện, số điện thoại {}."
    )
    return blank.format(*gaps)


LETTER = form_letter("đồng chí Lê Văn An", "8 giờ ngày 21/3", "0237 3829 111")
PRICES = "\n".join(
    f"{what}: {price} đồng/kg" for what, price in (("Lợn hơi", 52000), ("Gạo", 14500))
)
FILE = Attachment(f"{OLD}/file/637252394.pdf", "Tải về")
# Pairs that look alike and are two: whatever the address, they must stay two.
TWO: dict[str, tuple[Article, Article]] = {
    "next week's schedule": (
        notice("Lịch công tác tuần 12", LETTER),
        notice("Lịch công tác tuần 13", LETTER),
    ),
    "next week's schedule, no number in the title": (
        notice("Lịch công tác tuần", LETTER, "2023-03-20"),
        notice("Lịch công tác tuần", LETTER, "2023-03-27"),
    ),
    "schedules of two weeks posted on one day": (
        notice("Lịch công tác", form_letter("Chủ tịch", "tuần 12", "1")),
        notice("Lịch công tác", form_letter("Chủ tịch", "tuần 13", "1")),
    ),
    "weekly prices": (
        notice("Giá cả thị trường", PRICES * 5, "2023-03-20"),
        notice("Giá cả thị trường", PRICES * 5, "2023-03-27"),
    ),
    "prices of one day, one of them another": (
        notice("Giá cả thị trường", PRICES * 5),
        notice("Giá cả thị trường", (PRICES * 5).replace("52000", "52500", 1)),
    ),
    "a form with another name": (
        notice("Thông báo lịch tiếp công dân", LETTER),
        notice("Thông báo lịch tiếp công dân", LETTER.replace("Lê Văn An", "Lê Văn Ân")),
    ),
    "a form with another hour": (
        notice("Thông báo lịch tiếp công dân", LETTER),
        notice("Thông báo lịch tiếp công dân", LETTER.replace("8 giờ", "9 giờ")),
    ),
    "another session": (
        notice("Kỳ họp thứ IX Hội đồng nhân dân huyện", LETTER),
        notice("Kỳ họp thứ X Hội đồng nhân dân huyện", LETTER),
    ),
    "another commune": (
        notice("Xã Xuân Lập đón chuẩn nông thôn mới", LETTER),
        notice("Xã Xuân Lai đón chuẩn nông thôn mới", LETTER),
    ),
    "the same words a year later": (
        notice("Thư chúc Tết", LETTER, "2022-01-30"),
        notice("Thư chúc Tết", LETTER, "2023-01-20"),
    ),
    "too few words": (
        notice("Thông báo", "Xem tệp đính kèm"),
        notice("Thông báo", "Xem tệp đính kèm"),
    ),
    "too few words, other files": (
        notice("Thông báo", "Xem tệp", attachments=(replace(FILE, url=f"{OLD}/phu-luc-a.pdf"),)),
        notice("Thông báo", "Xem tệp", attachments=(replace(FILE, url=f"{OLD}/phu-luc-b.pdf"),)),
    ),
    "too few words, files that are numbers": (
        notice("Thông báo", "Xem tệp", attachments=(FILE,)),
        notice("Thông báo", "Xem tệp", attachments=(replace(FILE, url=f"{OLD}/637252395.pdf"),)),
    ),
    "too few words, files of a common name": (
        notice(
            "Thông báo kết quả thi tuyển viên chức",
            "",
            attachments=(replace(FILE, label="Danh sách.pdf"),),
        ),
        notice(
            "Thông báo kết quả thi tuyển viên chức",
            "",
            attachments=(replace(FILE, label="Danh sách.pdf", url=f"{OLD}/637252395.pdf"),),
        ),
    ),
    "a document and its annex": (
        notice(
            "Công văn số 718/UBND-NN", "", attachments=(replace(FILE, label="Công văn 718.pdf"),)
        ),
        notice("Công văn số 718/UBND-NN", "", attachments=(replace(FILE, label="Phụ lục I.pdf"),)),
    ),
    "documents of one kind": (
        notice("Công văn số 718/UBND-NN", "", attachments=(FILE,)),
        notice("Công văn số 719/UBND-NN", "", attachments=(FILE,)),
    ),
    "one letter, another list attached": (
        notice("Danh sách cử tri", LETTER, attachments=(Attachment(f"{OLD}/xa-xuan-lap.pdf"),)),
        notice("Danh sách cử tri", LETTER, attachments=(Attachment(f"{OLD}/xa-xuan-lai.pdf"),)),
    ),
    "one letter, another label": (
        notice("Danh sách cử tri", LETTER, attachments=(replace(FILE, label="Xã Xuân Lập"),)),
        notice("Danh sách cử tri", LETTER, attachments=(replace(FILE, label="Xã Xuân Lai"),)),
    ),
    "one letter, other pictures": (
        notice("Hình ảnh lễ hội", LETTER, images=(Image("a.jpg", "Rước kiệu"),)),
        notice("Hình ảnh lễ hội", LETTER, images=(Image("b.jpg", "Hát xoan"),)),
    ),
    "no day to tell": (
        notice("Thông báo lịch tiếp công dân", LETTER, None),
        notice("Thông báo lịch tiếp công dân", LETTER.replace("Ủy", "Uỷ"), None),
    ),
    "other short lines, and a short byline": (
        notice("Giá cả thị trường", f"{LETTER}\nLợn ngan: tăng", author="An"),
        notice("Giá cả thị trường", f"{LETTER}\nNgan lai: giảm", author="An"),
    ),
    "short bylines, one within the other": (
        notice("Lời ngỏ", LETTER, author="An"),
        notice("Lời ngỏ", LETTER, author="Lan Anh"),
    ),
    "a list with another end": (
        notice(
            "Kết quả xét chọn",
            "\n".join((LETTER * 2, "Xã Xuân Lập", LETTER * 2, "Xã Xuân Tín", LETTER)),
        ),
        notice(
            "Kết quả xét chọn",
            "\n".join((LETTER * 2, LETTER * 2, "Xã Xuân Tín", LETTER, "Xã Xuân Lai")),
        ),
    ),
    "another author": (
        notice("Lời ngỏ", LETTER, author="Lê An"),
        notice("Lời ngỏ", LETTER, author="Trần Bình"),
    ),
    "empty": (notice("", ""), notice("", "")),
}


@pytest.mark.parametrize("name", TWO)
def test_two_articles_stay_two(name: str) -> None:
    for one, other in itertools.permutations(TWO[name]):
        far = told(other, url=f"{NEW}/2023-3-20/Thong-bao8p98kq.aspx")
        assert not is_same_article(one, far, APART)
        assert not is_same_article(one, moved_notice(far), APART)


def moved_notice(article: Article) -> Article:
    return told(article, body_text=article.body_text.replace("hoà", "hòa"), category=("Khác",))


@pytest.mark.parametrize(
    "name",
    [
        "next week's schedule",
        "next week's schedule, no number in the title",
        "weekly prices",
        "another session",
        "another commune",
        "the same words a year later",
        "empty",
    ],
)
def test_a_portal_that_leads_everything_to_one_page_does_not_make_it_one(name: str) -> None:
    one, other = TWO[name]
    assert not is_same_article(one, other, LED)
    assert not is_same_article(other, one, LED)


@pytest.mark.parametrize(
    ("met", "same"),
    [
        (moved(STORY), True),
        (moved(EDITS["a number"]), True),  # moved and edited
        (moved(EDITS["a paragraph"]), True),
        (told(moved(STORY), published_at="2026-10-01"), False),  # perhaps the day of the move
        (told(moved(STORY), published_at=None), True),
        (told(moved(STORY), title="Trao giải hội thi năm 2021"), False),
        (told(moved(STORY), title="Trao giải hội thi năm 2022"), False),
        (told(moved(STORY), body_text=LETTER), False),
        (told(moved(STORY), title="Tin mới nhất", body_text=LETTER), False),
    ],
)
def test_a_redirect_tells_more(met: Article, same: bool) -> None:
    assert is_same_article(STORY, met, LED) is same


def test_what_is_there_side_by_side_is_one_only_if_nothing_differs() -> None:
    elsewhere = told(STORY, url=f"{OLD}/van-hoa/hoi-thi.html", category=("Văn hoá",))
    assert is_same_article(STORY, elsewhere, SIDE_BY_SIDE)
    assert not is_same_article(STORY, moved(STORY), SIDE_BY_SIDE)
    assert not is_same_article(STORY, told(elsewhere, images=()), SIDE_BY_SIDE)


# -- absent, gone, back ----------------------------------------------------------------------------


def at(hour: int) -> str:
    return f"2026-11-{1 + hour // 24:02d}T{hour % 24:02d}:00:00.000000Z"


def sights(text: str) -> list[Sight]:
    """``"a0+ a30-"``: the article seen at address a in hour 0, and missed there in hour 30."""
    return [
        Sight(at(int(word[1:-1])), number, word[0], word[-1] == "+")
        for number, word in enumerate(text.split(), 1)
    ]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("a0+", []),
        ("a0+ a30-", [(30, None, None)]),
        ("a0+ a30- a40-", [(30, None, None)]),
        ("a0+ a30- a50-", [(30, 50, None)]),
        ("a0+ a30- a49-", [(30, None, None)]),
        ("a0+ a30- a40- a52- a99-", [(30, 52, None)]),
        ("a0+ a30- a40+", [(30, None, 40)]),
        ("a0+ a30- a40+ a60-", [(30, None, 40), (60, None, None)]),
        ("a0+ a30- a50- a80+", [(30, 50, 80)]),
        ("a0+ a30- a50- a80+ a90- a120-", [(30, 50, 80), (90, 120, None)]),
        ("a30- a60-", []),  # never seen there
        ("a0- a30-  a60+", []),
        ("a0+ b0- b30-", []),  # another address
        ("a0+ b1+ x30- x60-", []),  # an address that does not count
        ("a0+ b0+ a30- a60-", [(30, 60, None)]),  # under both at one time
        ("a0+ x0+ x30- x60-", []),
        ("a0+ b0+ a30- b31+ a60-", [(30, None, 31)]),
        ("a0+ b30+ a31- a60- a90-", []),  # moved from a to b
        ("a0+ b30+ a31- b60- b90-", [(60, 90, None)]),
        ("a0+ b1+ a2- a30- a60-", []),  # moved within a day
        ("a0+ b1+ a2+ a30- a60-", [(30, 60, None)]),
    ],
)
def test_absences(story: str, expected: list[tuple[int, int | None, int | None]]) -> None:
    all_sights = sights(story)
    by_number = {s.capture_id: s for s in all_sights}

    def hours(absence: Absence) -> tuple[str | None, ...]:
        return absence.since, absence.confirmed_at, absence.until

    wanted = [tuple(None if h is None else at(h) for h in row) for row in expected]
    orders: Sequence[Sequence[Sight]] = (all_sights, all_sights[::-1])
    for order in orders:
        found = absences(order, {"a", "b"})
        assert [hours(absence) for absence in found] == wanted
        for absence in found:
            assert by_number[absence.since_capture].at == absence.since
            if absence.until_capture is not None:
                assert by_number[absence.until_capture].seen
