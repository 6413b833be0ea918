"""The sentences of archive.remarks: by code, in English and in Vietnamese. The form of places is told
there."""

from __future__ import annotations

# The first that fits counts: what is more particular stands first.
SENTENCES: dict[str, tuple[str, str]] = {
    # crawler.verdicts
    "counts": ("{new:n} new, {changed:n} changed", "{new} bài mới, {changed} bài sửa"),
    "quiet": ("nothing new", "không có gì mới"),
    "home-failed": ("home page: {why:say}", "trang chủ: {why}"),
    "nameless": (
        "the host name has not existed for {days:n} days",
        "tên miền không còn tồn tại đã {days} ngày",
    ),
    "refused": (
        "a firewall refused {refused:n} of {pages:n} pages",
        "tường lửa từ chối {refused} trong {pages} trang",
    ),
    "stopped": ("stopped after {articles:n} articles", "dừng sau {articles} bài"),
    "stopped-why": (
        "stopped after {articles:n} articles: {why:say}",
        "dừng sau {articles} bài: {why}",
    ),
    "max-pages": ("--max-pages", "--max-pages"),
    "time-limit": ("the time was up", "hết thời gian"),
    "page-limit": ("the limit of pages was reached", "đã đủ số trang tối đa"),
    "daily-limit": (
        "the site's limit of requests a day was reached",
        "đã đủ số yêu cầu tối đa trong ngày cho cổng này",
    ),
    "disk-space": (
        "too little disk space is left for the archive",
        "ổ đĩa còn quá ít chỗ cho kho",
    ),
    "told-to-wait": (
        "the portal asked to be left alone for a while",
        "cổng thông tin yêu cầu tạm ngừng truy cập",
    ),
    "unanswered": ("the portal stopped answering", "cổng thông tin ngừng trả lời"),
    "blocked": ("a firewall refused page after page", "tường lửa từ chối liên tiếp nhiều trang"),
    "empty": ("no article on {answers:n} answers", "không có bài nào trong {answers} câu trả lời"),
    "empty-unusual": (
        "no article on {answers:n} answers; {usual:n} in whole walks before",
        "không có bài nào trong {answers} câu trả lời; các lần đi hết trước đây có {usual} bài",
    ),
    "home-leads-nowhere": (
        "the home page does not lead to articles any more; {known:n} are known",
        "trang chủ không còn dẫn đến bài nào; kho đang có {known} bài",
    ),
    "field-lost": (
        "{field:field} on {share:n}% of the articles, usually {usual:n}%",
        "{field} chỉ có ở {share} % số bài, thường là {usual} %",
    ),
    "unreadable": (
        "{pages:n} article pages could not be read",
        "không đọc được {pages} trang bài viết",
    ),
    "platform-lost": (
        "{platform:name} is not recognised any more; articles are read by the generic extractor",
        "không còn nhận ra nền tảng {platform}; bài được đọc bằng bộ trích chung",
    ),
    "many-edits": (
        "{edited:n} of {known:n} known articles read otherwise than before",
        "{edited} trong {known} bài đã biết đọc ra khác trước",
    ),
    "shared": (
        "{pages:n} of {articles:n} articles share one {field:field}: {value:name}",
        "{pages} trong {articles} bài có chung một giá trị ở trường {field}: {value}",
    ),
    "our-fault": (
        "{pages:n} pages could not be handled, which is our fault; see the log",
        "{pages} trang không xử lý được do lỗi của chương trình; xem nhật ký",
    ),
    "listing": ("a listing ended early: {where:known}", "một danh sách kết thúc sớm: {where}"),
    "more-listings": ("and {n:n} more", "và {n} danh sách khác"),
    "shrunk": (
        "{articles:n} articles, {usual:n} in whole walks before",
        "{articles} bài; các lần đi hết trước đây có {usual} bài",
    ),
    "newest-lost": (
        "the newest article is of {newest:day}; before there was one of {before:day}",
        "bài mới nhất là của ngày {newest}; trước đây đã có bài ngày {before}",
    ),
    "requests-failed": (
        "{failed:n} of {requests:n} requests failed",
        "{failed} trong {requests} yêu cầu không thành",
    ),
    "silent": (
        "nothing new for {days:n} days, where {weekly:n} articles a week were usual; more than "
        "{limit:n} are no accident",
        "{days} ngày không có gì mới, trong khi thường có {weekly} bài một tuần; quá {limit} ngày "
        "thì không còn là ngẫu nhiên",
    ),
    # crawler.home_page
    "challenge": (
        "a challenge by {name:name} stands before the portal",
        "trước cổng thông tin có bước kiểm tra trình duyệt ({name})",
    ),
    "firewall": ("the firewall refuses: {name:name}", "tường lửa từ chối: {name}"),
    "login": (
        "the home page asks for a login ({name:name})",
        "trang chủ đòi đăng nhập ({name})",
    ),
    "suspended": ("the site is switched off: {name:name}", "trang đã bị tắt: {name}"),
    "expired": ("the portal is gone: {name:name}", "cổng thông tin không còn: {name}"),
    "bare-server": (
        "a web server without the portal: {name:name}",
        "máy chủ trống, không có cổng thông tin: {name}",
    ),
    "redirects-to-body": (
        "redirects to {address:url}, the page of {body:name}",
        "chuyển hướng đến {address}, trang của {body}",
    ),
    "redirects": ("redirects to {address:url}", "chuyển hướng đến {address}"),
    "other-body": (
        "the home page is that of {body:name}, not {site:name}",
        "trang chủ là của {body}, không phải {site}",
    ),
    # crawler.challenges: signs that are no names of products
    "sign-firewall": ("unknown firewall", "tường lửa không rõ loại"),
    "sign-check": ("browser check", "kiểm tra trình duyệt"),
    "sign-suspended": ("hosting suspended", "dịch vụ lưu trữ bị ngừng"),
    "sign-expired": ("domain expired", "tên miền hết hạn"),
    "sign-parking": ("domain parking", "tên miền rao bán"),
    "sign-welcome": ("page of welcome", "trang mặc định của máy chủ"),
    "sign-form": ("login form", "biểu mẫu đăng nhập"),
    "sign-http": ("HTTP authentication", "xác thực HTTP"),
    "sign-captcha": ("captcha", "captcha"),
    "sign-cookie": ("cookie script", "script đặt cookie"),
    "sign-cookie-named": ("cookie script ({name:name})", "script đặt cookie ({name})"),
    # why something was stopped: crawler.fetching, crawler.disk_space
    "retry-after": (
        "status {status:n}, Retry-After {wait:name}",
        "trạng thái {status}, Retry-After {wait}",
    ),
    "crawl-delay": (
        "robots.txt asks for {seconds:n} s between requests",
        "robots.txt yêu cầu cách {seconds} giây giữa hai yêu cầu",
    ),
    "failures": (
        "{n:n} failures in a row, last {last:name}",
        "{n} lần liên tiếp không thành, lần cuối: {last}",
    ),
    "status": ("status {status:n}", "trạng thái {status}"),
    "requests-a-day": ("{n:n} requests in 24 hours", "{n} yêu cầu trong 24 giờ"),
    "disk": (
        "{free:n} MiB free where {folder:name} lies, {kept:n} MiB are to stay free",
        "chỗ chứa {folder} còn trống {free} MiB, phải chừa {kept} MiB",
    ),
    # why a page could not be had: crawler.spider, crawler.fetching.capture
    "answers-with": ("answers with status {status:n}", "trả lời với trạng thái {status}"),
    "robots": ("Forbidden by robots.txt", "robots.txt không cho phép"),
    "no-connection": ("timeout: no connection", "quá giờ: không kết nối được"),
    "no-connection-in": (
        "timeout: no connection within {seconds:n} s",
        "quá giờ: không kết nối được trong {seconds} giây",
    ),
    "no-handshake": ("timeout: TLS handshake not done", "quá giờ: chưa bắt tay TLS xong"),
    "no-handshake-in": (
        "timeout: TLS handshake not done within {seconds:n} s",
        "quá giờ: chưa bắt tay TLS xong trong {seconds} giây",
    ),
    "no-head": ("timeout: no response head", "quá giờ: chưa có đầu câu trả lời"),
    "no-head-in": (
        "timeout: no response head within {seconds:n} s",
        "quá giờ: chưa có đầu câu trả lời trong {seconds} giây",
    ),
    "timeout": ("timeout: {why:say}", "quá giờ: {why}"),
    "dns": ("dns: {why:say}", "không tìm thấy tên miền: {why}"),
    "tls": ("tls: {why:say}", "lỗi TLS: {why}"),
    "connect": ("connect: {why:say}", "không kết nối được: {why}"),
    "protocol": ("protocol: {why:say}", "lỗi giao thức: {why}"),
    "too-long-address": (
        "refused: an address of {n:n} characters",
        "bị từ chối: địa chỉ dài {n} ký tự",
    ),
    "no-web-address": (
        "refused: {address:name} is no address of the web",
        "bị từ chối: {address} không phải là địa chỉ web",
    ),
    "no-public-address": (
        "refused: {host:name} is no public address",
        "bị từ chối: {host} không phải là địa chỉ công khai",
    ),
    "inside-network": (
        "refused: {host:name} is a name inside a network",
        "bị từ chối: {host} là tên trong mạng nội bộ",
    ),
    "foreign-port": (
        "refused: port {port:n} of {host:name} is not the portal's",
        "bị từ chối: cổng {port} của {host} không phải của cổng thông tin",
    ),
    "refused-address": ("refused: {why:say}", "bị từ chối: {why}"),
    # crawler.listing_watch
    "page-missing": (
        "page {page:n} of a listing is missing",
        "thiếu trang {page} của một danh sách",
    ),
    "page-unlinked": (
        "page {page:n} of a listing names {n:n} unknown addresses, but no page leads to it",
        "trang {page} của một danh sách có {n} địa chỉ chưa biết, nhưng không trang nào dẫn đến nó",
    ),
    "page-of-listing": (
        "page {page:n} of a listing: {why:say}",
        "trang {page} của một danh sách: {why}",
    ),
    "pages-had": (
        "{had:n} of {pages:n} pages of the listing were had",
        "lấy được {had} trong {pages} trang của danh sách",
    ),
    # archive.health
    "nobody-crawled": ("nobody has crawled for {span:known}", "đã {span} không ai thu thập gì"),
    "hours": ("{n:n} hours", "{n} giờ"),
    "days": ("{n:n} days", "{n} ngày"),
    "verification": (
        "the last verification found {n:n} problems",
        "lần kiểm tra toàn vẹn gần nhất thấy {n} lỗi",
    ),
    "never-crawled": ("never crawled", "chưa thu thập lần nào"),
    "not-crawled": ("not crawled for {days:n} days", "đã {days} ngày chưa thu thập"),
    "never-done": (
        "no crawl has come to its end for {days:n} days; give it more time",
        "đã {days} ngày không lần thu thập nào chạy đến cuối; hãy cho nó thêm thời gian",
    ),
    # archive.provenance
    "no-record": (
        "there is no record: this fetch brought no bytes",
        "không có bản ghi: lần tải này không nhận được byte nào",
    ),
    "record-unreadable": ("the record cannot be read: {why:say}", "không đọc được bản ghi: {why}"),
    "other-record": (
        "{file:url}, offset {offset:n}: another record stands there ({found:name})",
        "{file}, vị trí {offset}: ở đó là một bản ghi khác ({found})",
    ),
    "payload-changed": (
        "the payload has changed: the database has {digest:url}",
        "nội dung đã khác đi: mã băm trong cơ sở dữ liệu là {digest}",
    ),
    "revisit-differs": (
        "the revisit and the record it refers to have different digests",
        "bản ghi revisit và bản ghi mà nó chỉ đến có mã băm khác nhau",
    ),
    "damaged-record": ("{file:url}, offset {offset:n}: {why:say}", "{file}, vị trí {offset}: {why}"),
    # archive.attachments: why a file could not be read, or not whole
    "password": ("it asks for a password", "tệp đòi mật khẩu"),
    "too-slow": ("took more than {seconds:n} seconds", "đọc quá {seconds} giây"),
    "too-much-time": (
        "took more processor time than is allowed",
        "tốn nhiều thời gian xử lý hơn mức cho phép",
    ),
    "too-much-text": ("gives more text than is taken", "nhiều chữ hơn mức nhận"),
    "too-much-memory": (
        "needs more memory than is allowed",
        "cần nhiều bộ nhớ hơn mức cho phép",
    ),
    "reader-crashed": ("the reader crashed ({sign:name})", "trình đọc tệp bị sập ({sign})"),
    "reader-ended": (
        "the reader ended with status {status:n}",
        "trình đọc tệp kết thúc với mã {status}",
    ),
    "ole": (
        "an OLE file that is damaged or of no known program",
        "tệp OLE bị hỏng hoặc không rõ của chương trình nào",
    ),
    "old-slides": (
        "the slides of a PowerPoint of before 2007",
        "bản trình chiếu PowerPoint cũ hơn 2007",
    ),
    "packed": ("a packed file ({kind:name})", "tệp nén ({kind})"),
    "answered-page": (
        "a web page was answered in place of the file",
        "máy chủ trả một trang web thay vì tệp",
    ),
    "a-picture": ("a picture", "tệp ảnh"),
    "unknown-format": ("of no known format", "không rõ định dạng"),
    "many-characters": (
        "more than {n:n} characters; the text ends before {part:name} {number:n}",
        "nhiều hơn {n} ký tự; phần chữ dừng trước {part} {number}",
    ),
    "part-page": ("page", "trang"),
    "part-slide": ("slide", "trang chiếu"),
    "many-pages": (
        "{pages:n} pages, of which the first {read:n} were read",
        "{pages} trang, chỉ đọc {read} trang đầu",
    ),
    "many-members": (
        "{members:n} members, of which the first {listed:n} are listed",
        "{members} tệp bên trong, chỉ liệt kê {listed} tệp đầu",
    ),
    "many-sheets": (
        "{sheets:n} sheets, of which {read:n} were read",
        "{sheets} sheet, chỉ đọc {read}",
    ),
    "damaged-pages": ("damaged pages: {pages:name}", "các trang bị hỏng: {pages}"),
    "damaged-sheets": ("damaged sheets: {sheets:name}", "các sheet bị hỏng: {sheets}"),
    "no-pages": ("a PDF without pages", "PDF không có trang nào"),
    "page-too-large": (
        "page {page:n} is too large to be drawn",
        "trang {page} quá lớn, không vẽ được",
    ),
    "would-unpack": (
        "would unpack to {size:n} MiB in {members:n} members",
        "giải nén ra {size} MiB trong {members} tệp",
    ),
    "not-openable": (
        "not a {kind:name} that can be opened ({why:say})",
        "không phải {kind} mở được ({why})",
    ),
    "old-word": (
        "written by a Word of before 1997 (format {format:n})",
        "do Word cũ hơn 1997 tạo ra (định dạng {format})",
    ),
    "no-bytes": ("its bytes cannot be had: {why:say}", "không lấy được byte của tệp: {why}"),
    "cut-off": ("the capture was cut off ({how:name})", "lần lưu bị cắt ngang ({how})"),
    "of-page": ("page {page:n}: {why:say}", "trang {page}: {why}"),
    # general forms
    "judged": ("{verdict:verdict}: {why:say}", "{verdict}: {why}"),
    "of-address": ("{address:url}: {why:known}", "{address}: {why}"),
    "more-exactly": ("{what:known} ({why:say})", "{what} ({why})"),
}  # fmt: skip

FIELDS = {
    "title": "tiêu đề", "summary": "tóm tắt", "body_text": "nội dung", "author": "tác giả",
    "category": "chuyên mục", "published_at": "ngày đăng", "images": "hình ảnh",
    "attachments": "tệp đính kèm",
}  # fmt: skip
VERDICTS = {
    "ok": "tốt", "quiet": "yên", "interrupted": "bị dừng", "silent": "im lặng quá lâu",
    "empty": "không thấy bài nào", "changed": "bố cục đã đổi", "partial": "chỉ được một phần",
    "blocked": "bị chặn", "unreachable": "không vào được", "gone": "không còn",
    "moved": "của cơ quan khác",
}  # fmt: skip
