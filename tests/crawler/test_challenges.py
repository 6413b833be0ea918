"""Pages that stand before a portal are recognised and named; a portal's own never are."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from running import REPOSITORY
from small_portal import ARTICLES, SmallPortal, article_html

from archive.schema import PageKind, Reading
from crawler.challenges import BarrierKind, recognise, recognise_home
from crawler.extraction.page import Page
from crawler.extraction.reading import read_page
from crawler.page_reader import PageReader
from crawler.replica import build_portals, truth

HOME = "http://dong-son.example/"
CHALLENGE, FIREWALL, LOGIN = BarrierKind.CHALLENGE, BarrierKind.FIREWALL, BarrierKind.LOGIN
SUSPENDED, EXPIRED = BarrierKind.SUSPENDED, BarrierKind.EXPIRED


def page(markup: str, status: int = 200, url: str = HOME) -> Page:
    return Page.from_http(url, status, "text/html; charset=utf-8", markup.encode())


def html(body: str, title: str = "", head: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    )


# What the products print, in our own words but with the marks that are theirs.
PRODUCTS = [
    (CHALLENGE, "Cloudflare", html("<noscript>Enable JavaScript and cookies to continue</noscript>"
        "<script>window._cf_chl_opt={cvId:'3',cZone:'h.vn'};</script>", "Just a moment...")),
    (FIREWALL, "Cloudflare", html('<div id="cf-error-details"><h1>Sorry, you have been blocked</h1>'
        "<p>You are unable to access h.vn</p><p>Cloudflare Ray ID: 8a</p></div>",
        "Attention Required! | Cloudflare")),
    (FIREWALL, "Imperva Incapsula", html('<iframe src="/_Incapsula_Resource?CWUDNSAI=1">Request '
        "unsuccessful. Incapsula incident ID: 877-12</iframe>")),
    (CHALLENGE, "Imperva Incapsula", html('<iframe src="/_Incapsula_Resource?SWUDNSAI=31" '
        'width="100%"></iframe>')),
    (FIREWALL, "F5 BIG-IP", html("The requested URL was rejected. Please consult with your "
        'administrator.<br><br>Your support ID is: 8112045<br><a href="javascript:history.back();">'
        "[Go Back]</a>", "Request Rejected")),
    (CHALLENGE, "F5 BIG-IP", html("<noscript>Please enable JavaScript to view the page content.<br/>"
        'Your support ID is: 77.</noscript><script src="/TSPD/08?type=11"></script>'
        '<script>window["bobcmn"] = "1";</script>')),
    (FIREWALL, "Akamai", html('<h1>Access Denied</h1>You don\'t have permission to access "http://h.vn/" '
        "on this server.<p>Reference&#32;&#35;18&#46;1a</p><p>https://errors.edgesuite.net/18.1a</p>",
        "Access Denied")),
    (FIREWALL, "Sucuri", html("<h1>Access Denied - Sucuri Website Firewall</h1><p>Block ID: XSS02</p>")),
    (CHALLENGE, "Sucuri", html("<script>var s={},u,c,sucuri_cloudproxy_js='';</script>"
        "You are being redirected...")),
    (FIREWALL, "FortiWeb", html('<div class="fgd_icon"></div><h2>Web Page Blocked!</h2><p>The page cannot '
        "be displayed.</p><p>URL: h.vn</p><p>Attack ID: 20000051</p>")),
    (FIREWALL, "FortiGuard", html("<h1>FortiGuard Intrusion Prevention - Access Blocked</h1>"
        "<h2>Web Page Blocked</h2><p>You have tried to access a page which is in violation.</p>")),
    (FIREWALL, "Viettel", html("<h1>Access Denied</h1><p>Viettel WAF System</p><p>Mã: 55</p>")),
    (FIREWALL, "VNPT", html("<p>Yêu cầu không hợp lệ. VNPT WAF. Mã sự cố 7.</p>")),
    (FIREWALL, "BKAV", html("<h3>Bkav WAF</h3><p>Truy cập đã bị ngăn chặn.</p>")),
    (FIREWALL, "CyStack", html("<h1>Blocked</h1><p>Protected by CyStack Web Security</p>")),
    (CHALLENGE, "cookie script (D1N)", '<html><body><script>document.cookie="D1N=0a1b"+"; expires=Fri, '
        '31 Dec 2099 23:59:59 GMT; path=/";window.location.reload(true);</script></body></html>'),
    (CHALLENGE, "cookie script", html("<script>var c='x'+Math.random();document.cookie=c;"
        "location.href='/?'+c</script><noscript>Vui lòng bật JavaScript.</noscript>")),
    (CHALLENGE, "testcookie", html('<script src="/aes.js"></script><script>document.cookie="__test="+'
        "toHex(slowAES.decrypt(c,2,a,b));location.href='http://h.vn/?i=1';</script>")),
    (CHALLENGE, "AWS WAF", html("<script>window.awsWafCookieDomainList=[];</script>")),
    (SUSPENDED, "cPanel", html('<a href="/cgi-sys/suspendedpage.cgi">x</a>Account Suspended')),
    (EXPIRED, "domain parking", html('<script src="//www.sedoparking.com/frmpark/x.js"></script>')),
]  # fmt: skip

# What only its words tell; believed of a home page, which should say something else.
WORDS = [
    (FIREWALL, html("<h1>403</h1><p>Yêu cầu của bạn đã bị chặn bởi hệ thống bảo vệ.</p>")),
    (FIREWALL, html("<p>Địa chỉ IP của bạn đã bị khóa do truy cập bất thường.</p>")),
    (FIREWALL, html("<h2>Truy cập bị từ chối</h2><p>Mã hỗ trợ: 1209</p>")),
    (FIREWALL, html("<p>Hệ thống phát hiện truy cập bất thường từ mạng của quý khách.</p>")),
    (FIREWALL, html("<p>Your IP address has been blocked. Event ID 12.</p>")),
    (FIREWALL, html("<p>Web Application Firewall</p><p>ID 9</p>", "Error")),
    (CHALLENGE, html("<p>Checking your browser before accessing h.vn.</p>")),
    (CHALLENGE, html("<p>Đang kiểm tra trình duyệt, xin chờ.</p>")),
    (CHALLENGE, html('<form><div class="g-recaptcha" data-sitekey="x"></div><button>Gửi</button></form>')),
    (CHALLENGE, html('<form><img src="/captcha.ashx"><input name="ma"><button>Tiếp tục</button></form>')),
    (LOGIN, html('<form><input name="u"><input type="password" name="p"><button>Đăng nhập</button></form>')),
    (SUSPENDED, html("<p>Hosting đã hết hạn sử dụng và đang bị tạm ngưng.</p>")),
    (SUSPENDED, html("<h1>Website đã bị tạm ngưng hoạt động</h1>")),
    (SUSPENDED, html("<p>Tài khoản hosting này đã bị khóa.</p>")),
    (SUSPENDED, html("<p>This Account has been suspended.</p>")),
    (SUSPENDED, html("<p>Tên miền dongson.vn bị tạm ngừng vì chưa nộp bản khai.</p>", "Domain Suspended")),
    (EXPIRED, html("<p>Tên miền này đã hết hạn.</p>")),
    (EXPIRED, html("<p>The domain name dongson.vn is for sale!</p>")),
    (BarrierKind.BARE_SERVER, html("<h1>Welcome to nginx!</h1><p>Further configuration is required.</p>")),
    (BarrierKind.BARE_SERVER, html('<a href="x"><img alt="IIS"></a>', "IIS Windows Server")),
    (BarrierKind.BARE_SERVER, html("<h1>It works!</h1>", "Apache2 Debian Default Page: It works")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "markup"), PRODUCTS)
def test_a_product_is_named_on_every_page(kind: BarrierKind, name: str, markup: str) -> None:
    found = recognise(page(markup))
    assert found is not None
    assert (found.kind, found.name) == (kind, name)
    assert recognise_home(page(markup, 403), {}) == found
    assert recognise(page(markup.upper())) is not None or "slowAES" in markup


@pytest.mark.parametrize(("kind", "markup"), WORDS)
def test_words_tell_at_the_home_page_only(kind: BarrierKind, markup: str) -> None:
    found = recognise_home(page(markup), {})
    assert found is not None
    assert found.kind is kind
    assert recognise(page(markup)) is None


@pytest.mark.parametrize(
    ("status", "headers", "name"),
    [
        (403, {"cf-mitigated": "challenge"}, "Cloudflare"),
        (403, {"server": "cloudflare"}, "Cloudflare"),
        (403, {"server": "AkamaiGHost"}, "Akamai"),
        (403, {"x-iinfo": "1-2-3"}, "Imperva Incapsula"),
        (403, {"x-sucuri-id": "11005"}, "Sucuri"),
        (202, {"x-amzn-waf-action": "challenge"}, "AWS WAF"),
        (401, {"www-authenticate": 'Basic realm="x"'}, "HTTP authentication"),
    ],
)
def test_the_head_of_the_answer_tells_too(status: int, headers: dict[str, str], name: str) -> None:
    found = recognise_home(page("<html></html>", status), headers)
    assert found is not None
    assert found.name == name


def test_an_ordinary_page_behind_the_same_products_is_none() -> None:
    script = (
        "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
        "<script src='/_Incapsula_Resource?SWJIYLWA=719d'></script>"
    )
    markup = article_html(1).replace("</body>", f"{script}</body>")
    for headers in ({"server": "cloudflare"}, {"x-iinfo": "1"}, {"x-sucuri-id": "1"}):
        assert recognise_home(page(markup), headers) is None


def test_an_article_on_the_subject_is_an_article() -> None:
    body = "".join(
        f"<p>Ngày {day}, Viettel WAF và tường lửa ứng dụng web đã phát hiện tấn công vào cổng huyện; "
        "yêu cầu đã bị chặn, website bị tạm khóa một giờ, tên miền đã hết hạn được gia hạn lại. "
        "CyStack, Cloudflare và VNPT WAF cùng phối hợp xử lý, không để lộ dữ liệu của người dân.</p>"
        for day in range(1, 10)
    )
    markup = html(f"<h1>Huyện diễn tập an toàn thông tin</h1><p>Đăng lúc: 01/03/2023</p>{body}")
    assert recognise(page(markup)) is None
    assert recognise_home(page(markup), {}) is None
    assert read_page(page(markup, url=f"{HOME}tin/dien-tap-1.html")).kind is PageKind.ARTICLE


def test_a_short_notice_with_a_portals_menu_is_its_own() -> None:
    menu = "".join(f'<a href="/muc-{n}">Mục {n}</a> ' for n in range(20))
    login = '<form><input name="u"><input type="password"></form>'
    markup = html(f"{menu}<p>Cổng thông tin tạm ngưng hoạt động để bảo trì.</p>{login}")
    assert recognise_home(page(markup), {}) is None


@pytest.mark.parametrize("body", [b"", b"\x00" * 50, b"%PDF-1.4", b"<", b"<html>" * 3000])
def test_what_is_no_page_is_no_barrier(body: bytes) -> None:
    assert recognise(Page.from_http(HOME, 200, "text/html", body)) is None
    assert recognise_home(Page.from_http(HOME, 200, "text/html", body), {}) is None


def test_a_barrier_is_neither_an_article_nor_a_missing_page() -> None:
    rejected = page(PRODUCTS[4][2], url=f"{HOME}tin/bai-1.html")
    reader = PageReader(HOME, read_page)
    reader.learn_missing(page(PRODUCTS[4][2], url=reader.impossible_address))
    assert reader.read(rejected) == Reading(
        PageKind.OTHER, "barrier", "1", notes=("firewall: F5 BIG-IP",)
    )


def own_pages() -> Iterator[Page]:
    """Every page of the replica portals, of the small portal and of the fixtures."""
    small = SmallPortal()
    for path, answer in small.answers.items():
        if isinstance(answer.body, bytes) and "html" in str(answer.headers):
            yield Page.from_http(f"{HOME[:-1]}{path}", 200, "text/html; charset=utf-8", answer.body)
    for number in range(1, ARTICLES + 1):
        yield page(article_html(number))
    for file in (REPOSITORY / "tests" / "fixtures").rglob("*.html"):
        yield Page.from_http(HOME, 200, "text/html; charset=utf-8", file.read_bytes())
    for host, portal in build_portals().items():
        articles = [urlsplit(article.url).path for article in truth(portal)[:20]]
        for path in ("/", *articles):
            answer = portal.respond(path, {})
            assert isinstance(answer.body, bytes)
            yield Page.from_http(
                f"http://{host}{path}", 200, "text/html; charset=utf-8", answer.body
            )


def test_no_page_of_ours_is_taken_for_a_barrier() -> None:
    pages = list(own_pages())
    assert len(pages) > 25
    assert [found.url for found in pages if recognise(found) is not None] == []
    home = [found.url for found in pages if recognise_home(found, {}) is not None]
    assert home == []


def test_no_page_of_a_real_portal_is_taken_for_a_barrier() -> None:
    shared = REPOSITORY.parent / "shared" / "portals"
    if not shared.is_dir():
        pytest.skip("the real pages are not here")
    found, looked_at = [], 0
    with tarfile.open(shared / "krongno.daknong.gov.vn.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith((".html", ".aspx")) else None
            if file is not None:
                looked_at += 1
                real = Page.from_http(HOME + member.name, 200, "text/html", file.read())
                if recognise(real) is not None or recognise_home(real, {}) is not None:
                    found.append(member.name)
    for path in Path(shared / "pages").rglob("*.htm*"):
        real = Page.from_http(HOME, 200, "text/html", path.read_bytes())
        if recognise(real) is not None or recognise_home(real, {}) is not None:
            found.append(path.name)
    assert looked_at > 200
    assert found == []
