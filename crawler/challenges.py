"""Pages that stand before a portal instead of it: challenges, firewalls, logins, dead hosting.

Such a page mostly comes with status 200 and would be read as a poor page of the portal. It is always
short: what a portal itself prints is longer, and an article that writes about a firewall is longer
too. What each product prints was gathered from its makers' documentation, from public reports and
from the signatures that scanners publish; where a product is not known, the words decide.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from archive.vietnamese import fold, normalise
from crawler.extraction.page import Page

_LONGEST_MARKUP = 60_000  # bytes; Cloudflare's, the longest of them, has 10,000 to 30,000
_LONGEST_TEXT = 2_000  # characters that can be seen
_LONGEST_SCRIPT_PAGE = 12_000  # bytes of a page that is a script and nothing else
_FEW_WORDS = 400  # characters; "Please enable JavaScript" in two languages
_FEW_LINKS = 15  # different addresses; the menu of a portal has more
_MANY_LINKS = 60  # references of any kind, repeated ones too


# The extractor that a reading names where such a page was found in the place of a page.
BARRIER = "barrier"


class BarrierKind(StrEnum):
    """What kind of page stands before the portal."""

    CHALLENGE = "challenge"  # a script or a captcha is to be solved first
    FIREWALL = "firewall"  # the request was refused
    LOGIN = "login"
    SUSPENDED = "suspended"  # the hosting company has switched the site off
    EXPIRED = "expired"  # the domain has expired, is for sale, or shows a registrar's page
    BARE_SERVER = "bare-server"  # the web server's page of welcome: the site is not there


@dataclass(frozen=True, slots=True)
class Barrier:
    """``name`` is the product or the sign by which it was told: ``Cloudflare``, ``captcha``."""

    kind: BarrierKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.name}"


@dataclass(frozen=True, slots=True)
class _Sign:
    """A barrier is told by every one of ``needles`` standing in the markup, in lower case."""

    kind: BarrierKind
    name: str
    needles: tuple[bytes, ...]


def _sign(kind: BarrierKind, name: str, *needles: str) -> _Sign:
    return _Sign(kind, name, tuple(needle.encode() for needle in needles))


_CHALLENGE, _FIREWALL = BarrierKind.CHALLENGE, BarrierKind.FIREWALL
_SUSPENDED, _EXPIRED = BarrierKind.SUSPENDED, BarrierKind.EXPIRED

# The first that fits counts. What ordinary pages behind the same product carry too (Cloudflare's
# /cdn-cgi/challenge-platform/ script, Incapsula's resource) is no sign.
_SIGNS = (
    _sign(_CHALLENGE, "Cloudflare", "_cf_chl_opt"),
    _sign(_CHALLENGE, "Cloudflare", "cf-browser-verification"),
    _sign(_CHALLENGE, "Cloudflare", "<title>just a moment...</title>"),
    _sign(_CHALLENGE, "Cloudflare", "cf-captcha-container"),
    _sign(_FIREWALL, "Cloudflare", "attention required! | cloudflare"),
    _sign(_FIREWALL, "Cloudflare", "cf-error-details", "cloudflare"),
    _sign(_FIREWALL, "Imperva Incapsula", "incapsula incident id"),
    _sign(_CHALLENGE, "Imperva Incapsula", "_incapsula_resource", "request unsuccessful"),
    _sign(_CHALLENGE, "Imperva Incapsula", "_incapsula_resource", "<iframe"),
    _sign(_CHALLENGE, "F5 BIG-IP", "/tspd/", "bobcmn"),
    _sign(
        _CHALLENGE, "F5 BIG-IP", "please enable javascript to view the page content", "support id"
    ),
    _sign(_FIREWALL, "F5 BIG-IP", "the requested url was rejected", "support id"),
    _sign(_FIREWALL, "F5 BIG-IP", "<title>request rejected</title>"),
    _sign(_CHALLENGE, "Akamai", "sec-if-cpt-container"),
    _sign(_FIREWALL, "Akamai", "access denied", "errors.edgesuite.net"),
    _sign(
        _FIREWALL,
        "Akamai",
        "access denied",
        "you don't have permission to access",
        "reference&#32;",
    ),
    _sign(_CHALLENGE, "Sucuri", "sucuri_cloudproxy_js"),
    _sign(_FIREWALL, "Sucuri", "sucuri website firewall"),
    _sign(_FIREWALL, "Sucuri", "cloudproxy@sucuri.net"),
    _sign(_FIREWALL, "FortiGuard", "fortiguard intrusion prevention"),
    _sign(_FIREWALL, "FortiGuard", "globalurl.fortinet.net"),
    _sign(_FIREWALL, "FortiWeb", "fgd_icon"),
    _sign(_FIREWALL, "FortiWeb", "web page blocked", "attack id"),
    _sign(_FIREWALL, "Viettel", "viettel waf"),
    _sign(_FIREWALL, "Viettel", "cloudrity.com"),
    _sign(_FIREWALL, "VNPT", "vnpt waf"),
    _sign(_FIREWALL, "BKAV", "bkav waf"),
    _sign(_FIREWALL, "BKAV", "bkavwaf"),
    _sign(_FIREWALL, "CyStack", "cystack", "block"),
    _sign(_CHALLENGE, "CyStack", "cystack", "javascript"),
    _sign(_FIREWALL, "CMC", "cmc waf"),
    _sign(_FIREWALL, "FPT", "fpt cloud waf"),
    _sign(_FIREWALL, "VNIS", "vnis waf"),
    _sign(_CHALLENGE, "DDoS-Guard", "ddos-guard", "check"),
    _sign(_CHALLENGE, "AWS WAF", "awswafcookiedomainlist"),
    _sign(_CHALLENGE, "Anubis", "/.within.website/x/cmd/anubis/"),
    _sign(_CHALLENGE, "DataDome", "captcha-delivery.com"),
    _sign(_CHALLENGE, "SafeLine", "/.safeline/"),
    _sign(_FIREWALL, "Imunify360", "imunify360"),
    _sign(_FIREWALL, "Wordfence", "generated by wordfence"),
    _sign(_FIREWALL, "ModSecurity", "generated by mod_security"),
    _sign(_FIREWALL, "ModSecurity", "mod_security", "not acceptable"),
    _sign(_FIREWALL, "Barracuda", "barracuda", "you have been blocked"),
    _sign(_FIREWALL, "Palo Alto", "web page blocked", "palo alto"),
    _sign(_CHALLENGE, "testcookie", "slowaes.decrypt"),
    _sign(_SUSPENDED, "cPanel", "/cgi-sys/suspendedpage.cgi"),
    _sign(_EXPIRED, "domain parking", "sedoparking.com"),
    _sign(_EXPIRED, "domain parking", "parkingcrew.net"),
    _sign(_EXPIRED, "domain parking", "bodis.com"),
    _sign(_EXPIRED, "domain parking", "parklogic.com"),
    _sign(_EXPIRED, "domain parking", "hugedomains.com"),
)

# What is printed, folded. The words of a refusal come before those of a hoster, since a firewall
# says "suspended" of a request too.
_WORDS = (
    (
        _FIREWALL,
        "unknown firewall",
        r"\byour request (?:was|has been|is) (?:blocked|rejected|denied)"
        r"|\b(?:your ip(?: address)?|you) (?:was|were|is|are|has been|have been) (?:blocked|banned|denied)"
        r"|\b(?:web )?page blocked\b|\battack (?:was |has been )?detected|\bblocked by .{0,30}(?:firewall|waf)\b"
        r"|\byeu cau (?:truy cap )?(?:cua (?:ban|quy khach) )?(?:da )?bi (?:chan|tu choi|ngan chan)"
        r"|\b(?:truy cap|ip|dia chi ip)(?: cua (?:ban|quy khach))? (?:da |dang )?bi (?:chan|ngan chan|khoa|tu choi)"
        r"|\bphat hien (?:hanh vi |truy cap |yeu cau )?(?:tan cong|bat thuong|nguy hiem|khong hop le)"
        r"|\b(?:web application firewall|tuong lua ung dung web)\b",
    ),
    (
        _CHALLENGE,
        "browser check",
        r"\bchecking (?:your browser|if the site connection is secure)|\bverif(?:y|ying) (?:that )?you are (?:a )?human"
        r"|\bddos protection by\b|\bplease (?:enable|turn on|allow) (?:javascript|cookies?)"
        r"|\bvui long (?:bat|kich hoat|cho phep|mo) (?:javascript|cookies?)"
        r"|\bdang kiem tra trinh duyet|\bxac (?:minh|nhan|thuc) (?:rang )?(?:ban|quy khach) (?:la|khong phai) ",
    ),
    (
        _SUSPENDED,
        "hosting suspended",
        r"\b(?:this )?(?:account|site|website|domain|domain name)(?: \S+)? (?:has been|is|was) (?:temporarily )?(?:suspended|disabled)"
        r"|\b(?:account|site|website|domain) suspended\b|\bbandwidth limit exceeded\b"
        r"|\b(?:hosting|website|trang web|tai khoan|ten mien)(?: \S+){0,4} (?:da |dang |tam )*bi (?:tam )?(?:ngung|dung|khoa)"
        r"|\b(?:hosting|website|trang web)(?: nay)? (?:da |dang )?(?:tam )?(?:ngung|dung|khoa) (?:hoat dong|dich vu)"
        r"|\bhosting (?:da )?het han",
    ),
    (
        _EXPIRED,
        "domain expired",
        r"\b(?:this |the )?domain(?: name)?(?: \S+)? (?:is for sale|may be for sale|has expired|is expired|is parked|has been parked)"
        r"|\bbuy this domain\b|\bdomain parking\b|\bparked (?:domain|free)\b"
        r"|\bten mien(?: \S+){0,3} (?:da |dang )?(?:het han|duoc rao ban|can ban|chua duoc kich hoat|chua kich hoat)"
        r"|\bten mien (?:nay )?(?:da )?duoc dang ky (?:thanh cong )?(?:tai|boi|qua)",
    ),
    (
        BarrierKind.BARE_SERVER,
        "page of welcome",
        r"\bapache2? (?:ubuntu|debian|http server|2)?.{0,20}(?:default|test) page|\bwelcome to nginx\b|^it works!?$"
        r"|\b(?:iis windows server|internet information services)\b|\btest page for the (?:apache|nginx|http)"
        r"|\bdefault web site page\b|\bplesk .{0,30}default page|\bindex of /$",
    ),
)
_COMPILED = tuple((kind, name, re.compile(words)) for kind, name, words in _WORDS)

# laodong.vn, quochoi.vn and others answer 177 bytes that set the cookie D1N and load again.
_SETS_COOKIE = re.compile(rb"document\.cookie\s*=", re.IGNORECASE)
_LOADS_AGAIN = re.compile(
    rb"location\s*\.\s*(?:reload|replace|assign|href\b)|location\s*=", re.IGNORECASE
)
_COOKIE_NAME = re.compile(rb"document\.cookie\s*=\s*[\"'`]\s*([\w.-]{1,40})\s*=", re.IGNORECASE)
_CAPTCHA = (b"g-recaptcha", b"h-captcha", b"hcaptcha.com", b"cf-turnstile", b"captcha")
_UNSEEN = frozenset({"script", "style", "template"})
_PASSWORD = re.compile(rb"<input[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)


def recognise(page: Page) -> Barrier | None:
    """What stands here instead of a page of the portal, None for a page of it. For any page of a
    portal: only what a product prints counts, since an article may speak of firewalls too."""
    if not 0 < len(page.body) <= _LONGEST_MARKUP or not page.is_html:
        return None
    # Asked of every page of a crawl: a look at the links first, which costs next to nothing.
    if page.body.count(b"href") > _MANY_LINKS:
        return None
    markup = page.body.lower()
    for sign in _SIGNS:
        if all(needle in markup for needle in sign.needles):
            return Barrier(sign.kind, sign.name) if _is_bare(page) else None
    if len(page.body) <= _LONGEST_SCRIPT_PAGE and _LOADS_AGAIN.search(page.body):
        return _cookie_script(page)
    return None


def recognise_home(page: Page, headers: Mapping[str, str]) -> Barrier | None:
    """`recognise` for a home page, or another page that should be there and is not: what the head
    of the response and the words on the page say counts too. Header names are in lower case."""
    found = _by_head(page.status, headers) or recognise(page)
    if found is not None:
        return found
    if not page.is_html or len(page.body) > _LONGEST_MARKUP or not _is_bare(page):
        return None
    text = visible_text(page)
    spoken = fold(text)
    for kind, name, words in _COMPILED:
        if words.search(spoken):
            return Barrier(kind, name)
    if _PASSWORD.search(page.body):
        return Barrier(BarrierKind.LOGIN, "login form")
    markup = page.body.lower()
    if len(text) <= _FEW_WORDS and any(sign in markup for sign in _CAPTCHA):
        return Barrier(_CHALLENGE, "captcha")
    return None


def visible_text(page: Page) -> str:
    """What can be read on a page, its title first, as one line."""
    return normalise(" ".join(texts_of(page.tree, _UNSEEN)))


def texts_of(root: etree._Element, without: Collection[str]) -> Iterator[str]:
    """The pieces of text in an element, in reading order, without those in elements of these
    tags."""
    walker = etree.iterwalk(root, events=("start", "end", "comment"))
    for event, element in walker:
        if event == "start" and element.tag in without:
            walker.skip_subtree()
        elif event == "start" and element.text:
            yield element.text
        if event != "start" and element.tail:
            yield element.tail


def _by_head(status: int, headers: Mapping[str, str]) -> Barrier | None:
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return Barrier(_CHALLENGE, "Cloudflare")
    if headers.get("x-amzn-waf-action", "").lower() in {"challenge", "captcha"}:
        return Barrier(_CHALLENGE, "AWS WAF")
    if status == 401 and "www-authenticate" in headers:
        return Barrier(BarrierKind.LOGIN, "HTTP authentication")
    if status == 403:
        if "x-sucuri-id" in headers or "x-sucuri-block" in headers:
            return Barrier(_FIREWALL, "Sucuri")
        if "x-iinfo" in headers:
            return Barrier(_FIREWALL, "Imperva Incapsula")
        if headers.get("server", "").lower() == "akamaighost":
            return Barrier(_FIREWALL, "Akamai")
        if headers.get("server", "").lower() == "cloudflare":
            return Barrier(_FIREWALL, "Cloudflare")
    return None


def _is_bare(page: Page) -> bool:
    """Whether a page has neither the text nor the menus of a portal."""
    links = {element.get("href") for element in page.tree.iter("a") if element.get("href")}
    return len(links) <= _FEW_LINKS and len(visible_text(page)) <= _LONGEST_TEXT


def _cookie_script(page: Page) -> Barrier | None:
    """A page that is nothing but a script which sets a cookie and loads the page again."""
    if not _SETS_COOKIE.search(page.body) or len(visible_text(page)) > _FEW_WORDS:
        return None
    if not _is_bare(page):
        return None
    cookie = _COOKIE_NAME.search(page.body)
    name = f"cookie script ({cookie[1].decode()})" if cookie else "cookie script"
    return Barrier(_CHALLENGE, name)
