"""What the page about the interface for programs says, in Vietnamese: by what archive.reader.api_description
says in English, which is the language of the description for machines."""

from __future__ import annotations

VIETNAMESE = {
    "Search the articles.": "Tìm trong các bài.",
    "Search the attached files, as far as their text has been read.": (
        "Tìm trong các tệp đính kèm đã đọc được chữ."
    ),
    "One article: a version of it, and the list of all.": (
        "Một bài: một phiên bản, và danh sách mọi phiên bản."
    ),
    "The captures of an address, oldest first.": "Các lần lưu của một địa chỉ, cũ nhất trước.",
    "What to look for, with or without diacritics; see docs/commands.md.": (
        "Điều cần tìm, có dấu hay không dấu; xem docs/commands.md."
    ),
    "What to look for, as in /api/search.": "Điều cần tìm, như ở /api/search.",
    "Slug of a portal; repeatable.": "Tên ngắn của cổng thông tin; có thể lặp lại.",
    "Only portals of this province.": "Chỉ các cổng của tỉnh này.",
    "Words of the category.": "Các chữ của tên chuyên mục.",
    "Published from: a year, a month or a day. What is no date is left out; notes say so.": (
        "Đăng từ năm, tháng hoặc ngày này. Không phải là ngày thì bỏ qua và ghi ở notes."
    ),
    "Published until, inclusive.": "Đăng đến hết năm, tháng hoặc ngày này.",
    "1: only articles with attachments.": "1: chỉ bài có tệp đính kèm.",
    "Order.": "Cách sắp xếp.",
    "From 1.": "Trang thứ mấy, từ 1.",
    "A page's length.": "Số mục của một trang.",
    "As in the permanent address.": "Số của bài, như trong địa chỉ cố định.",
    "Its number; without it the current one.": "Số của phiên bản; nếu không có thì là bản hiện hành.",
    "The archived address, with or without http://.": "Địa chỉ đã lưu, có hay không có http://.",
}


def described(language: str, text: str) -> str:
    """A text of the description in that language, ``vi`` or ``en``. Raises KeyError for one that has no
    Vietnamese."""
    return text if language == "en" else VIETNAMESE[text]
