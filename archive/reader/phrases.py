"""The words of the reader, Vietnamese and English.

Those of articles and of portals have modules of their own. Where a number decides the form, the forms
are separated by ``|``: one, many.
"""

from __future__ import annotations

import re

from archive.reader import article_phrases, portal_phrases

_OWN: dict[str, tuple[str, str]] = {
    # the frame of every page
    "brand": ("Huyện", "Huyện"),
    "tagline": ("kho lưu trữ cổng thông tin cấp huyện", "an archive of district portals"),
    "skip": ("Đến nội dung chính", "Skip to the content"),
    "main_menu": ("Trang chính", "Main"),
    "menu_search": ("Tìm kiếm", "Search"),
    "menu_portals": ("Cổng thông tin", "Portals"),
    "menu_changes": ("Mới và thay đổi", "New and changed"),
    "menu_health": ("Tình trạng thu thập", "State of the crawls"),
    "menu_api": ("API", "API"),
    "language_vi": ("Tiếng Việt", "Tiếng Việt"),
    "language_en": ("English", "English"),
    "footer": (
        "Bản sao lưu trữ. Nội dung thuộc về cơ quan đã đăng; trang này chỉ đọc, không thay đổi gì.",
        "Archived copies. The content belongs to the offices that published it; this reader changes nothing.",
    ),
    "undated": ("không ghi ngày", "no date"),
    # search
    "search_label": ("Tìm trong kho lưu trữ", "Search the archive"),
    "search_button": ("Tìm", "Search"),
    "search_hint": (
        "Gõ có dấu hay không dấu đều được: nghi quyet 35 cũng tìm thấy “Nghị quyết 35”. "
        "Cụm từ đặt trong dấu ngoặc kép: \"nông thôn mới\"; bỏ một từ: -họp; phần đầu của từ: nông*.",
        "Type with or without diacritics: nghi quyet 35 finds “Nghị quyết 35” too. "
        "A phrase in quotation marks: \"nông thôn mới\"; without a word: -họp; the beginning of a word: nông*.",
    ),
    "how_to_search": ("Cách gõ", "What can be typed"),
    "syntax_words": ("đủ các từ này; bài có các từ đứng liền nhau xếp trước", "all these words; where they stand together first"),
    "syntax_phrase": ("đúng cụm từ", "exactly this phrase"),
    "syntax_beginning": ("từ bắt đầu như thế", "words that begin so"),
    "syntax_without": ("có từ trước, không có từ sau dấu trừ", "with the first word, without the one after the minus"),
    "syntax_either": ("một trong hai", "either"),
    "syntax_near": ("các từ ở gần nhau, cách nhau nhiều nhất sáu từ khác", "these words near each other, six others between them at most"),
    "syntax_period": ("đăng từ … đến …", "published from … to …"),
    "syntax_category": ("trong chuyên mục", "in this section"),
    "syntax_author": ("của tác giả", "with this byline"),
    "syntax_portal": ("của tỉnh, của một cổng thông tin", "of this province, of this portal"),
    "front_heading": ("Tìm lại những gì các huyện đã đăng", "Find what the districts published"),
    "front_counts": (
        "{articles} bài của {portals} cổng thông tin, từ {captures} lần lưu trang.",
        "{articles} articles of {portals} portals, from {captures} captures.",
    ),
    "front_latest": ("Lần thu thập gần nhất: {when}.", "Latest run: {when}."),
    "for_example": ("Chẳng hạn:", "For example:"),
    "browse_portals": ("Xem theo cổng thông tin", "Browse by portal"),
    "filters": ("Lọc và sắp xếp", "Filter and sort"),
    "portal": ("Cổng thông tin", "Portal"),
    "all_portals": ("Tất cả", "All"),
    "province": ("Tỉnh", "Province"),
    "choose_province": ("… chọn tỉnh và tìm để thấy các cổng của tỉnh", "… choose a province and search to see its portals"),
    "category": ("Chuyên mục", "Section"),
    "published_from": ("Đăng từ", "Published from"),
    "published_to": ("đến", "to"),
    "date_hint": ("năm, tháng hoặc ngày: 2021, 6/2021, 30/6/2021", "a year, a month or a day: 2021, 2021-06, 2021-06-30"),
    "sort": ("Sắp xếp", "Order"),
    "sort_relevance": ("phù hợp nhất", "most relevant"),
    "sort_newest": ("mới nhất", "newest first"),
    "sort_oldest": ("cũ nhất", "oldest first"),
    "with_files": ("Có tệp đính kèm", "With attachments"),
    "results": ("Kết quả", "Results"),
    "found": ("{n} bài", "{n} article|{n} articles"),
    "found_about": ("khoảng {n} bài", "about {n} articles"),
    "found_typed": ("{n} bài đúng dấu như đã gõ", "{n} as typed|{n} as typed"),
    "copies_too": ("kể cả các bản giống nhau", "each copy counted"),
    "folded": ("các bản giống nhau được gộp lại", "same texts folded together"),
    "page_of": ("trang {page}", "page {page}"),
    "any_diacritics": ("khớp khi bỏ dấu", "with other diacritics"),
    "also_by": ("{n} cổng thông tin khác cũng đăng:", "{n} other portal printed it too:|{n} other portals printed it too:"),
    "also_here": ("Cùng nội dung ở {n} bài khác", "Same text in {n} other article|Same text in {n} other articles"),
    "previous_page": ("Trang trước", "Previous page"),
    "next_page": ("Trang sau", "Next page"),
    "pages": ("Các trang kết quả", "Pages of results"),
    "no_more": ("Không còn kết quả ở trang này.", "There are no results on this page."),
    "narrow": ("Thu hẹp kết quả", "Narrow down"),
    "remove_filter": ("Bỏ lọc", "Remove filter"),
    "in_force": ("Đang lọc", "Filters in force"),
    "over_time": ("Theo thời gian", "Over time"),
    "show_period": ("Chỉ xem {period}: {n} bài", "Only {period}: {n} articles"),
    "undated_count": ("{n} bài không ghi ngày đăng.", "{n} article without a date.|{n} articles without a date."),
    "partial_counts": (
        "Chuyên mục và tác giả được đếm trong 3.000 bài vào kho sau cùng, nên chỉ là mức tối thiểu.",
        "Categories and authors are counted in the 3,000 articles archived last: lower bounds.",
    ),
    "take_along": ("Tải kết quả", "Take the result along"),
    "csv": ("Bảng CSV (1.000 bài đầu)", "CSV table (first 1,000)"),
    "json": ("JSON", "JSON"),
    "atom": ("Theo dõi bằng Atom", "Follow as Atom feed"),
    "in_files": ("Trong tệp đính kèm", "In attached files"),
    "more_files": ("Xem thêm trong tệp đính kèm", "More in attached files"),
    "search_files": ("Tìm trong các tệp đính kèm", "Search the attached files"),
    "in_articles": ("Tìm trong bài viết", "Search the articles instead"),
    "no_file": ("Không có tệp nào nói điều này.", "No file says that."),
    "offered_by": ("Đính kèm bài", "Attached to"),
    "earlier_version": ("ở phiên bản trước", "in an earlier version"),
    "recognised": ("nhận dạng từ ảnh quét", "recognised from a scan"),
    "read_text": ("đọc phần chữ", "read its text"),
    "text_of_file": ("Phần chữ của {name}", "The text of {name}"),
    "text_of_file_about": (
        "Chữ rút ra từ tệp để tìm kiếm, không có hình và cách trình bày. Bản gốc là tệp đã lưu:",
        "The words taken out of the file for searching, without pictures and layout. The original is the archived file:",
    ),
    "reading_of_file": ("Đọc tệp", "Reading"),
    "state_file_done": ("đã đọc toàn bộ", "all of it was read"),
    "state_file_partial": ("đọc được một phần", "read in part"),
    "state_file_scanned": ("ảnh quét, chưa nhận dạng chữ", "scanned pages, not recognised yet"),
    "state_file_encrypted": ("có mật khẩu, không đọc được", "locked with a password"),
    "state_file_failed": ("không đọc được", "could not be read"),
    "state_file_unsupported": ("loại tệp chưa đọc được", "of a kind that is not read"),
    "state_file_too-big": ("quá lớn, chưa đọc", "too large, not read"),
    "state_file_empty": ("không có chữ", "no text in it"),
    "parts_cut": ("Chỉ hiện {n} phần đầu.", "The first {n} parts."),
    "not_recognised": ("Trang này là ảnh, chưa nhận dạng được chữ", "This page is a picture that was not recognised"),
    "nothing_found": ("Không tìm thấy bài nào", "Nothing found"),
    "other_diacritics_tried": ("Đã thử cả các cách bỏ dấu khác.", "Other diacritics were tried as well."),
    "did_you_mean": ("Có phải bạn muốn tìm:", "Did you mean:"),
    "would_be_found": ("Sẽ tìm thấy nếu:", "It would be found:"),
    "try_fewer": (
        "Hãy thử ít từ hơn, hoặc phần đầu của một từ với dấu sao: nông*",
        "Try fewer words, or the beginning of a word with a star: nông*",
    ),
    "not_a_date": ("“{text}” không phải là ngày; bỏ qua.", "“{text}” is not a date; it was left out."),
    # api
    "api_heading": ("Giao diện lập trình", "Interface for programs"),
    "api_about": (
        "Chỉ đọc, JSON, có ETag. Bản mô tả đầy đủ cho máy (OpenAPI 3.1):",
        "Read only, JSON, with ETags. The whole description for machines (OpenAPI 3.1):",
    ),
    "api_memento": (
        "Giao thức Memento (RFC 7089): /timegate/ĐỊA-CHỈ, /timemap/link/ĐỊA-CHỈ, /web/<14 chữ số>/ĐỊA-CHỈ.",
        "Memento (RFC 7089): /timegate/URL, /timemap/link/URL, /web/<14 digits>/URL.",
    ),
    "parameter": ("Tham số", "Parameter"),
    "meaning": ("Nghĩa", "Meaning"),
    # withheld
    "menu_withheld": ("Không công bố ({name})", "Withheld ({name})"),
    "withheld_heading": ("Không công bố", "Withheld"),
    "withheld_about": (
        "Chỉ người có mật khẩu thấy trang này và những bài dưới đây. Không chuyển tiếp, không trích đăng.",
        "Only people with a password see this page and the articles below. Do not pass them on.",
    ),
    "withheld_banner": ("KHÔNG CÔNG BỐ. Chỉ hiện cho người có mật khẩu.", "NOT PUBLIC. Shown only to people with a password."),
    "withheld_line": ("Rút ngày {when}, theo quyết định của {person}: {reason}", "Withheld {when}, decided by {person}: {reason}"),
    "withheld_cut": ("Chỉ liệt kê 500 quyết định mới nhất.", "The newest 500 decisions."),
    "none_withheld": ("Không có bài nào bị rút.", "Nothing is withheld."),
    # messages
    "status_401": ("Cần mật khẩu", "A password is needed"),
    "status_403": ("Không dùng mật khẩu ở đây được", "No passwords this way"),
    "status_421": ("Sai địa chỉ", "Wrong address"),
    "password_needed": ("Trang này dành cho người có tên và mật khẩu của kho.", "This page is for people with a name and a password of this archive."),
    "wrong_password": ("Tên hoặc mật khẩu không đúng.", "Name or password is wrong."),
    "only_in_private": (
        "Mật khẩu chỉ được nhận qua https, hoặc ngay trên máy chủ của kho: trên đường này người khác có thể đọc được.",
        "Passwords are accepted over https only, or on the archive's own computer: on this way others could read them.",
    ),
    "not_our_name": (
        "Trình đọc này không mang tên ấy. Người quản trị có thể thêm tên bằng huyen serve --allow-host.",
        "This reader does not have that name. Its operator can add it with huyen serve --allow-host.",
    ),
    "status_400": ("Không hiểu yêu cầu", "That request makes no sense"),
    "status_404": ("Không có trang này", "There is no such page"),
    "status_405": ("Không làm được ở đây", "That cannot be done here"),
    "status_500": ("Chương trình có lỗi", "Something is wrong with this program"),
    "status_503": ("Tạm thời chưa trả lời được", "No answer for the moment"),
    "bad_request": ("Địa chỉ không hợp lệ.", "The address is not valid."),
    "nothing_here": ("Địa chỉ này không dẫn đến đâu cả.", "This address leads nowhere."),
    "no_such_article": ("Kho không có bài này, hoặc bài không được công bố.", "The archive has no such article, or it may not be shown."),
    "no_such_version": ("Bài này không có phiên bản ấy.", "The article has no such version."),
    "no_such_capture": ("Kho không có lần lưu này.", "The archive has no such capture."),
    "no_such_portal": ("Kho không có cổng thông tin này.", "The archive has no such portal."),
    "not_read": ("Tệp này chưa được đọc để lấy chữ.", "The text of this file has not been read."),
    "damaged": ("Bản ghi trong kho bị hỏng; người quản trị hãy chạy huyen verify.", "The stored record is damaged; the operator should run huyen verify."),
    "unreadable_body": ("Không giải mã được nội dung đã lưu; bản ghi thô vẫn tải được.", "The stored body cannot be decoded; the raw record can still be had."),
    "get_only": ("Trang này chỉ đọc.", "This reader only reads."),
    "our_fault": ("Lỗi đã được ghi lại.", "The fault has been logged."),
    "took_too_long": ("Tìm quá lâu. Hãy thu hẹp câu hỏi (thêm từ, chọn cổng thông tin) hoặc thử lại sau ít giây.", "It took too long. Narrow the search (more words, one portal), or try again in a few seconds."),
    "archive_closed": ("Chưa mở được kho lưu trữ. Hãy thử lại sau ít phút.", "The archive cannot be opened. Try again in a few minutes."),
    "go_on": ("Về trang tìm kiếm", "To the search page"),
}  # fmt: skip

_PHRASES = _OWN | article_phrases.PHRASES | portal_phrases.PHRASES

# What archive.search and archive.query remark, in English, and how it is said in Vietnamese.
_NOTES = (
    (r"without the filters", "bỏ các điều kiện lọc"),
    (r"without the exclusions", "không loại từ nào"),
    (r"without the quotation marks", "bỏ dấu ngoặc kép"),
    (r"only (“.+”)", r"chỉ tìm \1"),
    (r"the words do not stand together in any of these", "không bài nào có các từ này đứng liền nhau"),
    (r"the query has no letters or digits to search for", "câu hỏi không có chữ hay số nào để tìm"),
    (r"there is no portal '(.*)' in this archive; did you mean (.*)\?", r"kho không có cổng thông tin “\1”; có phải là \2?"),
    (r"there is no portal '(.*)' in this archive", r"kho không có cổng thông tin “\1”"),
    (r"there is no portal of a province '(.*)' in this archive", r"kho không có cổng thông tin nào của tỉnh “\1”"),
    (r"the index is behind: (\S+) articles? (?:is|are) not in it yet", r"chỉ mục chưa có \1 bài vừa lưu"),
    (r"(.+): not a date; searched for as words", r"\1: không phải là ngày; đã tìm như từ thường"),
    (r"(.+): a filter cannot be excluded; left out", r"\1: không loại trừ bằng điều kiện lọc được; bỏ qua"),
    (r"(.+): give at least (\d+) letters before \*", r"\1: cần ít nhất \2 chữ cái trước dấu *"),
    (r"only the first ([\d,]+) characters were used", r"chỉ dùng \1 ký tự đầu"),
    (r"only the first (\d+) words were used", r"chỉ dùng \1 từ đầu"),
)  # fmt: skip


def phrase(language: str, name: str, /, **fields: object) -> str:
    """The words of that name; ``n`` decides between one and many. Raises KeyError for no such name."""
    vietnamese, english = _PHRASES[name]
    text = english if language == "en" else vietnamese
    one, mark, many = text.partition("|")
    if mark:
        text = one if str(fields.get("n")) == "1" else many
    return text.format(**fields) if fields else text


def has_phrase(name: str) -> bool:
    return name in _PHRASES


def all_names() -> tuple[str, ...]:
    return tuple(_PHRASES)


def note_in(language: str, note: str) -> str:
    """A remark of the search in that language; as it is where it is not known here."""
    if language == "en":
        return note
    for pattern, translation in _NOTES:
        if match := re.fullmatch(pattern, note):
            return match.expand(translation)
    return note
