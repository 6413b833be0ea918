"""Who wrote it, and the furniture that portals print around an article.

District portals have no author field: the byline is the last line of the body, a person and a
unit ("Hà An- Minh Khôi, Trung tâm VHTT huyện"), padded to the right with spaces or glued to the
heading of the comments ("Minh TrangCác ý kiến của bạn đọc", as on vithuy.haugiang.gov.vn).
The rules here are made for precision: a last sentence must never become a byline.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from archive.vietnamese import fold, is_syllable, normalise, unify_tone_placement
from crawler.extraction.dates import view_count

_LONGEST_BYLINE = 110
_LONGEST_PADDED = 1000  # with the spaces that push it to the right

# A name, a pen name, an ethnic name (H'Mai, K’Brông), an initial, upper case throughout or not.
_UPPER = "A-ZÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
_LOWER = _UPPER.lower()
_SYLLABLE = rf"(?:[{_UPPER}]['’])?[{_UPPER}](?:[{_LOWER}]{{1,7}}|[{_UPPER}]{{0,7}})"
_INITIALS = rf"(?:[{_UPPER}][{_LOWER}]?\.\s?){{1,3}}"
_NAME = (
    rf"(?:{_INITIALS})?{_SYLLABLE}(?:\s{_SYLLABLE}){{1,4}}"
    rf"|{_INITIALS}{_SYLLABLE}|[{_UPPER}]['’][{_UPPER}][{_LOWER}]{{1,7}}"
)
_ONLY_INITIALS = rf"(?:[{_UPPER}]\.\s?){{1,3}}[{_UPPER}]\.?"
_JOIN = r"\s?(?:[-–—,;&/+]|(?<=\s)và(?=\s))\s?"
_NAMES = re.compile(rf"(?:{_NAME}|{_ONLY_INITIALS})(?:{_JOIN}(?:{_NAME}|{_ONLY_INITIALS})){{0,4}}")
_PEN_NAMES = re.compile(
    rf"(?:{_NAME}|{_ONLY_INITIALS}|{_SYLLABLE})(?:{_JOIN}(?:{_NAME}|{_ONLY_INITIALS}|{_SYLLABLE})){{0,4}}"
)
_KNOWN_ABBREVIATION = re.compile(
    r"BBT|CTV|PV|BTG|TT(?:VH|TT)[A-Z&-]{0,8}|Đ(?:TT|PT)[TH-]{0,4}|VHTT[A-Z&]{0,6}|VP\s?(?:UBND|HĐND|HU)"
)
_ABBREVIATION = re.compile(rf"[{_UPPER}]{{2,9}}(?:\s?[-–&]\s?[{_UPPER}]{{2,9}}){{0,3}}")

# Capitalised at the end of an article, and yet no person. Single words count only at the
# beginning: Năm, Quý, Chương are also given names.
_NOT_A_NAME = re.compile(
    r"\b(?:chủ tịch|bí thư|giám đốc|chánh văn phòng|trưởng phòng|trưởng ban|ủy ban|hội đồng|hội nghị"
    r"|kết luận|kết quả|nơi nhận|cảm ơn|trân trọng|việt nam|trung ương|chính phủ|quốc hội|nhà nước"
    r"|nghị quyết|nghị định|quyết định|chỉ thị|thông tư|kế hoạch|báo cáo|thông báo|công văn|tờ trình"
    r"|phụ lục|danh sách|tài liệu|tải về|chi tiết|trang chủ|liên hệ|giới thiệu|tin tức|văn bản"
    r"|thanh hóa|hậu giang|đắk nông|đăk nông|hà nội|hồ chí minh|ủy viên|đảng bộ|đồng chí|đại biểu"
    r"|văn hóa|xã hội|kinh tế|chính trị|du lịch|thể thao|giáo dục|y tế|nông nghiệp|môi trường"
    r"|an ninh|quốc phòng|pháp luật|đất đai|công dân|hành chính|sự kiện|đời sống|chuyển đổi)\b"
    r"|^(?:người|phần|khoản|mục|bảng|biểu|ảnh|hình|video|tin|tháng|năm|ngày|huyện|tỉnh|xã|thị trấn"
    r"|thành phố|phường|quận|ông|bà|các)\b"
)
_ROMAN_NUMBER = re.compile(r"\b(?:I[IV]{1,2}|VI{1,3}|IX|X[IV]+)\b")  # "Vi" is a given name
_FAMILY_NAMES = """
    nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn lâm trịnh mai
    trương cao lương đào hà tạ phùng tô vương thái tống châu quách lưu kiều diệp doãn đàm hứa la nông
    lò vi ninh thân chu khổng triệu mạc bế giàng sùng quàng cầm tòng lường hầu thào niê
"""
_FAMILIES = frozenset(_FAMILY_NAMES.split())

_UNIT_HEAD = re.compile(
    r"(?:trung tâm|tt|đài|phòng|ban|văn phòng|vp|cổng|trang|hội|đoàn|huyện đoàn|công an|chi cục"
    r"|liên đoàn|mặt trận|ủy ban|ubmttq|ubnd|hđnd|bbt|bch|btg|ctv|pv|phóng viên|tổ|trường|trạm"
    r"|bảo hiểm|kho bạc|tòa án|viện kiểm sát|ngân hàng|hạt kiểm lâm|báo|tạp chí|sở|cục"
    r"|đ[àa]i tt|đttth?|tttt|ttvh|vhtt)(?![^\W\d_])"
)
# Syllables of which names of units are made, beside proper names and abbreviations. A syllable
# outside this list makes the line a sentence.
_UNIT_WORDS = """
    an ban báo biên binh bảo bộ chi chiến chính chí chỉ chức chữ cháy cơ cổng công cục cứu cựu dân
    dịch di du dục dự giao giáo hành hiểm hiến học hỏi hóa hình hợp hội hạ hạt huy huyện huyến hệ kê
    kho bạc khuyến khoa kiểm kinh kế kỹ lao lâm lịch liên luyện lý lâm mặt trận máu mầm môi nghiệp
    nghề ngân hàng nguyên nhân nông nội nữ non pháp phát thanh phòng phố phường phó phụ quân quốc quản
    quận quỹ sát sách sản sử sự sở tài tạp tầng tập tế thao thành thanh thị thiếu thiên thông thôn
    thống thuật thương thuế thú thủy thể tin tiểu tin tra trang tra trạm trấn trường trị triển truyền
    trồng trọt trung trực trưởng tuyên tâm tòa tín tỉnh tổ tổng tộc tư từ tử tuyến ủy vật vận văn viên
    viện vệ với vụ vực và xã xây y dựng điện đài đào đảng đất đạo đoàn đô động địa đồng đội ứng
    phối tạo đường thi đua khen thưởng đốc đại bí nhi
"""
_UNIT_SYLLABLES = frozenset(_UNIT_WORDS.split())

_CREDIT = re.compile(
    r"(?:t[iị]n|bài|bài viết|tin bài|ảnh|hình|clip|video|nội dung)"
    r"(?:(?:\s?[,&+/-]\s?|\svà\s|\s)(?:t[iị]n|bài|ảnh|hình ảnh|hình|clip|video)){0,2}"
    r"|tác giả|người viết|người đưa tin|thực hiện|biên tập|tổng hợp|cộng tác viên|ctv|phóng viên|pv|bút danh",
    re.IGNORECASE,
)
_ROLES = ("ctv", "pv")
_REMARK = re.compile(
    r"\s?\((?:tổng hợp|t/h|th|st|sưu tầm|biên tập|bt|lược ghi|ctv|dịch|theo [^()]{2,40}"
    r"|nguồn:? [^()]{2,40})\)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)
def tidied(line: str) -> str:
    """`archive.vietnamese.normalise`, remembered: of a line several questions are asked in a row."""
    return normalise(line)


def is_byline(line: str) -> bool:
    """Whether the line is nothing but a byline: persons, a unit, or both, perhaps after a credit
    ("Tin, ảnh: …"). A pen name of one word counts only after a credit."""
    if len(line) > _LONGEST_PADDED:
        return False
    text = _bare(line)
    if not 3 <= len(text) <= _LONGEST_BYLINE or text.endswith(("./", "/.", "!", "?", ":", ";")):
        return False
    if is_stop_line(text) or is_furniture_line(text):
        return False
    stopped = text.endswith(".") and not re.search(rf"(?:^|[\s.])[{_UPPER}]\.$", text)
    text = _REMARK.sub("", text.removesuffix(".")).strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    credit = _CREDIT.match(text)
    if credit and (joint := re.match(r"\s?[:.-]\s?|\s", text[credit.end() :])):
        rest = text[credit.end() + joint.end() :]
        plain = joint[0] == " "
        # "Tin" or "Ảnh" without a colon begins headings: there it takes two ("Tin, ảnh").
        if not (plain and re.fullmatch(r"\w+", credit[0]) and _key(credit[0]) not in _ROLES) and (
            _persons_and_unit(rest, _NAMES if plain else _PEN_NAMES, credited=True)
            or _is_unit(rest)
        ):
            return True
    if _persons_and_unit(text, _NAMES):
        return True
    return not stopped and _is_unit(text, alone=True)


def is_signature(line: str) -> bool:
    """Whether a line that is set to the right below a text is the name of who wrote it.

    Looser than `is_byline`, because the place says much already: a pen name of one word, any name
    in capitals ("KHÁNH HIỀN"). Titles of offices and headings are still none."""
    text = _bare(line).removesuffix(".").strip("() ")
    if not 2 <= len(text) <= 60 or is_stop_line(text) or is_furniture_line(text):
        return False
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?(?!\.)", text)
    return (
        len(words) <= 6
        and _PEN_NAMES.fullmatch(text) is not None
        and not _NOT_A_NAME.search(_key(text))
        and not _ROMAN_NUMBER.search(text)
        and all(
            len(word) == 1
            or "'" in word
            or "’" in word
            or is_syllable(word.lower())
            or word == "và"
            for word in words
        )
    )


def _bare(line: str) -> str:
    return tidied(line).strip(" -–—.…*_|~") + ("." if tidied(line).endswith(".") else "")


def _persons_and_unit(text: str, names: re.Pattern[str], *, credited: bool = False) -> bool:
    persons = names.match(text)
    if persons is None:
        return False
    # The longest row of names may have eaten the head of a unit ("Hà An, Đài TT"): try all cuts.
    cuts = {persons.end()} | {joint.start() for joint in re.finditer(_JOIN, text[: persons.end()])}
    for cut in sorted(cuts, reverse=True):
        row, rest = text[:cut].strip(), text[cut:]
        if not names.fullmatch(row) or _NOT_A_NAME.search(_key(row)) or _ROMAN_NUMBER.search(row):
            continue
        if not rest:
            if credited or _reads_like_persons(row):
                return True
            continue
        joint = re.match(r"\s?[-–—,;:]\s?|\s?(?=\()", rest)
        unit = rest[joint.end() :].strip("() ") if joint else ""
        if unit and _is_unit(unit) and (_UNIT_HEAD.match(_key(unit)) or _reads_like_persons(row)):
            return True
    return False


def _reads_like_persons(row: str) -> bool:
    """Stricter where no unit and no credit stands beside the names: headings are capitalised too."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?(?!\.)", row)  # initials aside
    if all(len(word) == 1 for word in words):
        return "." in row
    if row.isupper():
        return _key(words[0]) in _FAMILIES
    return all(
        len(word) == 1 or "'" in word or "’" in word or is_syllable(word) or _key(word) in _FAMILIES
        for word in words
        if word != "và"
    )


def _key(text: str) -> str:
    return unify_tone_placement(text.lower())


def _is_unit(text: str, *, alone: bool = False) -> bool:
    if _ABBREVIATION.fullmatch(text):
        return len(text) <= 24 and (not alone or _KNOWN_ABBREVIATION.fullmatch(text) is not None)
    key = _key(text)
    if len(text) > 90 or not text[:1].isupper() or not _UNIT_HEAD.match(key):
        return False
    if key.startswith("tổ chức") or re.search(r"(?<![Bb]an )tổ chức", text):  # a verb
        return False
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text)
    shouted = text.isupper()
    place = False  # the name of a place follows the word for its level
    for word in words:
        known = _key(word) in _UNIT_SYLLABLES
        if not known and not (word[0].isupper() and (place or not shouted)):
            return False
        place = place or _key(word) in ("huyện", "xã", "tỉnh", "trấn", "phố", "phường", "quận")
    return 2 <= len(words) <= 16


_SOURCE = re.compile(
    r"\(?\s?(?:theo|nguồn(?:\stin)?|trích(?:\snguồn)?(?:\stừ)?)\s?(?P<colon>:)?\s?", re.IGNORECASE
)
_DOMAIN = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,6}(?:/\S{0,200})?", re.IGNORECASE
)
# "Theo daknong online", "Theo vietnamnet": no word that Vietnamese could begin with.
_SITE_NAMED = re.compile(
    r"(?:[a-z]{6,16}|[a-z]{2,16}(?=\s(?:online|net)))(?:\s(?:online|net))?", re.IGNORECASE
)
_PRESS_WORDS = "mạng internet thời luật của nhân"
_PRESS_SYLLABLES = _UNIT_SYLLABLES | frozenset(_PRESS_WORDS.split())
_RULES = re.compile(
    r"(?:báo cáo|thông báo|thông tư|thông tin|nghị|quyết|kế|luật|điều|chỉ thị|chương|hướng|quy|công văn|đó)\b"
)


def is_source_credit(line: str) -> bool:
    """Whether the line only names where the text was taken from ("Theo chinhphu.vn",
    "Nguồn: …"). "Theo Báo cáo của UBND huyện …" opens a sentence and is not one."""
    if len(line) > _LONGEST_PADDED:
        return False
    text = _bare(line).removesuffix(".")
    intro = _SOURCE.match(text)
    if intro is None or len(text) > _LONGEST_BYLINE:
        return False
    named = text[intro.end() :].strip("() ")
    if not named:
        return False
    if _DOMAIN.fullmatch(named) or _SITE_NAMED.fullmatch(named):
        return True
    if not named[0].isupper() or _RULES.match(_key(named)):
        return False
    words = re.findall(r"[^\W_]+", _DOMAIN.sub("", named))
    if intro["colon"]:
        return len(words) <= 14
    return len(words) <= 10 and all(w[0].isupper() or _key(w) in _PRESS_SYLLABLES for w in words)


STOP_LINES = (
    "Các tin khác", "Các tin khác cùng chuyên mục", "Các tin cùng chuyên mục", "Tin khác",
    "Tin cùng chuyên mục", "Tin cùng loại", "Các tin đã đưa", "Tin đã đưa", "Các tin đã đăng",
    "Tin liên quan", "Các tin liên quan", "Bài viết liên quan", "Các bài viết liên quan",
    "Các bài viết khác", "Bài viết khác", "Các bài khác", "Các bài viết cùng chuyên mục",
    "Tin mới hơn", "Tin cũ hơn", "Các tin mới hơn", "Các tin cũ hơn", "Các tin mới", "Tin mới",
    "Những tin mới hơn", "Những tin cũ hơn", "Những tin khác", "Tin mới nhất", "Tin nổi bật",
    "Tin đọc nhiều", "Tin xem nhiều", "Xem nhiều", "Đọc nhiều nhất", "Có thể bạn quan tâm",
    "Các ý kiến của bạn đọc", "Ý kiến của bạn đọc", "Ý kiến bạn đọc", "Bình luận", "Ý kiến bình luận",
    "Gửi bình luận", "Gửi ý kiến", "Gửi ý kiến của bạn", "Ý kiến của bạn", "Gửi phản hồi",
    "Truy cập", "Thống kê truy cập", "Lượt truy cập", "Số lượt truy cập", "Đang truy cập",
    "Đánh giá bài viết", "Từ khóa", "Tags", "Xem tiếp",
    "Tổng số điểm của bài viết là", "Liên kết website", "Về tác giả", "Thông tin tác giả",
)  # fmt: skip
"""Headings after which nothing belongs to the article: other news, comments, visitor counters."""

_STOP = frozenset(fold(line) for line in STOP_LINES)


# Every portal words the heading of its other news in its own way.
_OTHERS = re.compile(
    r"(?:cac |nhung )?(?:tin|tin tuc|tin bai|thong tin|bai|bai viet|van ban|thong bao|album(?: anh)?|hinh anh|video|clip"
    r"|cau hoi)(?: phap luat)?"
    r" (?:khac(?: (?:cung|trong) (?:chuyen )?muc)?|lien quan(?: khac)?|trong (?:chuyen )?muc|cung (?:chuyen muc|loai|chu de|the loai|danh muc|linh vuc)"
    r"|(?:moi|cu)(?: (?:hon|nhat|dang|cap nhat))?|da (?:dua|dang)|truoc do|tiep theo|(?:doc|xem) nhieu(?: nhat)?)"
)


# "Gửi bình luận của bạn", "2 bình luận", "Bình luận (3)", "Bình luận bằng Facebook".
_REMARKS = re.compile(
    r"(?:gui|viet|de lai|them) (?:binh luan|y kien|phan hoi|nhan xet)(?: cua ban)?(?: (?:ve|cho) bai viet(?: nay)?)?"
    r"|\d{1,4} (?:binh luan|y kien|phan hoi|nhan xet)|(?:binh luan|y kien|phan hoi|nhan xet)(?: (?:bang|voi) facebook| facebook)"
)


def is_stop_line(line: str) -> bool:
    """Whether the whole line is one of `STOP_LINES`, whatever its case, marks and punctuation."""
    if len(line) > _LONGEST_PADDED:
        return False
    text = line if len(line) < 60 else tidied(line)
    return len(text) < 60 and _stops(text)


@lru_cache(maxsize=4096)  # the lines around articles are the same on all pages of a portal
def _stops(line: str) -> bool:
    text = tidied(line)
    if not text:
        return False
    bare = re.sub(r"\W*\(?\d*\)?\W*\Z|\A\W+", "", fold(text))
    return (
        bare in _STOP or _OTHERS.fullmatch(bare) is not None or _REMARKS.fullmatch(bare) is not None
    )


# Seen glued to the last line of the body without a separator. Every branch begins with a letter, so
# that the search stops at few places of a long line.
_PHRASE = re.compile(
    r"Các ý kiến của bạn đọc|Ý kiến của bạn đọc|Ý kiến bạn đọc|Các tin (?:đã đưa|khác|liên quan)"
    r"|Tin (?:đã đưa|liên quan|khác|cùng chuyên mục|mới hơn|cũ hơn)|TIN ĐÃ ĐƯA|CÁC TIN KHÁC|TIN LIÊN QUAN"
    r"|TIN KHÁC|Các bài viết (?:khác|liên quan)|Bài viết liên quan|In bài viết|Gửi bình luận"
    + "".join(
        rf"|{words[0]}(?<=[^\W\d_A-Z]{words[0]}){words[1:]}\Z"
        for words in ("Bình luận", "Truy cập", "Gửi email", "Quay lại", "Về đầu trang")
    )
)

_GLUE = re.compile(r"[\w.!…)]")  # not a quotation mark: “Ý kiến bạn đọc” names a column
_END = re.compile(r"[\s:…]*\Z")


def cut_furniture(line: str) -> str:
    """The line without a closing phrase of the page that runs into it, and what follows it.

    "Minh TrangCác ý kiến của bạn đọc" → "Minh Trang". After a space the phrase must end the
    line, else it is part of a sentence.
    """
    for found in _PHRASE.finditer(line):
        glued = found.start() > 0 and _GLUE.match(line[found.start() - 1])
        if glued or _END.match(line, found.end()):
            return line[: found.start()].rstrip()
    return line


_FURNITURE = frozenset(
    fold(text)
    for text in (
        "date", "In", "In bài", "In bài viết", "In trang", "In tin", "Bản in", "Gửi email", "Email",
        "Gửi bài viết", "Gửi mail", "Gửi cho bạn bè", "Chia sẻ", "Chia sẻ bài viết", "Lưu", "Lưu tin",
        "Facebook", "Twitter", "Zalo", "Google+", "Like", "Share", "Tweet", "Print", "A", "A-", "A+",
        "A -", "A +", "Cỡ chữ", "Quay lại", "Trở về", "Về trang trước", "Về đầu trang", "Đầu trang",
        "Lên đầu trang", "Xem chi tiết tại đây", "Xem chi tiết", "Xem trước", "Xem với cỡ chữ", "Tương phản",
        "Đọc bài", "Đọc bài viết", "Nghe bài viết", "Nghe nội dung bài viết", "Tin đang được cập nhật", "Đang cập nhật",
        "Màu chữ", "Tăng cỡ chữ", "Giảm cỡ chữ", "Cỡ chữ mặc định", "Chia sẻ bài viết này", "Chia sẻ tin này",
    )
)  # fmt: skip
# "Xếp hạng: 5 - 1 phiếu bầu", "Đánh giá: 0/5 (0 lượt)", "… là: 5 trong 1 đánh giá" (NukeViet).
_RATING = re.compile(
    r"tong so diem cua bai viet la\W*\d+ trong \d+ danh gia|click de (?:danh gia|binh chon)(?: bai viet)?"
    r"|(?:xep hang|danh gia|binh chon)\W{1,3}\d[\d.,/]{0,8}(?:\W{1,3}\d+ (?:luot|phieu(?: bau)?|danh gia|binh chon)\W?)?"
)
_COUNTER = re.compile(
    r"(?:hom nay|hom qua|tuan nay|tuan truoc|thang nay|thang truoc|nam nay|tat ca|tong(?: so)?"
    r"(?: luot)?(?: truy cap)?|dang (?:online|truy cap|truc tuyen)|truc tuyen|online|khach)\s?:?\s?[\d.,]{0,15}"
)


# "Số lượt người xem : Bản in": widgets of one row, and a counter whose number a script would fill in.
# Without words that are names as well ("Lưu", "A").
_ROW_OF_WIDGETS = re.compile(
    r"\W*+(?>(?:(?:co|mau) chu(?:\W+a(?!\w))*+|a\s?[-+]|(?:so )?(?:luot|lan) (?:nguoi )?(?:xem|doc)|\d{2,3}\s?%|"
    + "|".join(
        sorted(
            (
                re.escape(phrase)
                for phrase in _FURNITURE - {"a", "luu", "date"}
                if phrase.isascii() and phrase[-1].isalnum()
            ),
            key=len,
            reverse=True,
        )
    )
    + r")(?!\w)\W*+)++"
)


def is_furniture_line(line: str) -> bool:
    """Whether the line is a widget of the page: text size, print, share, counters. ``date`` alone
    is a forgotten placeholder of thoxuan.thanhhoa.gov.vn."""
    if len(line) > _LONGEST_PADDED:
        return False
    text = line if len(line) <= 80 else tidied(line)
    return len(text) <= 80 and _is_furniture(text)


@lru_cache(maxsize=4096)
def _is_furniture(line: str) -> bool:
    text = tidied(line)
    if not text:
        return False
    if view_count(text) is not None and len(text) < 40:
        return True
    parts = [
        part for part in re.split(r"\s?[|•·]\s?|(?<=a)\s(?=a)|(?<=[-+])\s(?=a)", fold(text)) if part
    ]
    if all(
        _is_widget(part.strip(" :.…[]")) or all(map(_is_widget, part.split(": "))) for part in parts
    ):
        return True
    folded = fold(text)
    return _ROW_OF_WIDGETS.fullmatch(folded) is not None or _RATING.fullmatch(folded) is not None


def _is_widget(folded: str) -> bool:
    return (
        not folded
        or folded in _FURNITURE
        or re.fullmatch(r"\d{2,3}\s?%", folded) is not None
        or _COUNTER.fullmatch(folded) is not None
    )


# Above the name of a person who signed a document, who is not its reporter.
_SIGNATURE = re.compile(
    r"\(?(?:đã\ský|(?:kt|tm|tl|tuq|t/m|k/t)\s?[./]|(?:(?:phó\s)?(?:chủ\stịch|bí\sthư|giám\sđốc|trưởng\s\w+"
    r"|chánh\s\w+|hiệu\strưởng)|người\s(?:ký|báo\scáo|viết\sđơn|làm\sđơn))[^.]{0,40}\Z)",
    re.IGNORECASE,
)


def _printed(byline: str) -> str:
    # Dashes that lead in and a full stop that stands apart are lay-out: "- Hà An ."
    return tidied(byline).removesuffix(" .").strip(" -–—*_|…")


def take_byline(
    paragraphs: Sequence[str], set_apart: Collection[str] = ()
) -> tuple[list[str], str]:
    """The body without its byline, and the byline as printed (empty if the body has none).

    Looks at the end only; empty lines are dropped, and there also widgets, headings of what
    follows, and what is glued to the last line. Two bylines on two lines are joined by ``\n``;
    three are a list of people or offices and stay. A source credit ("Theo chinhphu.vn") is where the
    byline of a text taken over stands, and is taken as one, below a byline if there are both. A
    byline behind "./." in one line with the last sentence is split off. ``set_apart`` are lines that
    are printed on the right, as signatures are: there `is_signature` is enough. The name under the signature of a document is no byline, nor is a whole body.
    """
    body = [line for line in paragraphs if line.strip()]
    while body:
        line = cut_furniture(body.pop())
        if line.strip() and not is_stop_line(line) and not is_furniture_line(line):
            body.append(line)
            break
    sources = [_printed(body.pop())] if len(body) > 1 and is_source_credit(body[-1]) else []
    run = 0
    while run < min(3, len(body)) and (
        is_byline(body[-1 - run]) or (body[-1 - run] in set_apart and is_signature(body[-1 - run]))
    ):
        run += 1
    bylines: list[str] = []
    if 0 < run < min(3, len(body)) and not _SIGNATURE.match(tidied(body[-1 - run])):
        body, bylines = body[:-run], [_printed(line) for line in body[-run:]]
    elif body:
        text, end, tail = body[-1].rpartition("./.")
        if text.strip() and is_byline(tail):
            body[-1], bylines = text + end, [_printed(tail)]
    return body, "\n".join(bylines + sources)
