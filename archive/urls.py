"""URLs: the address as a browser would send it, and the key under which it is one identity.

Two addresses with the same key are the same page of a portal: scheme, default port, ``www.``,
letter case of host and of ``.aspx`` paths, parameter order, tracking and session parameters,
default documents and a trailing slash make no difference. The rules come from what Vietnamese
portals were seen to do (SharePoint, Liferay, NukeViet, ASP.NET); the key has SURT form
(``vn,gov,daknong,krongno)/path?a=1``), so that it sorts by host as in any web archive index.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}

# Added by whoever passed a link on (Facebook, Google, Zalo); no server looks at them.
_CAMPAIGN = re.compile(r"utm_\w+|fbclid|gclid|zarsrc|_ga|mc_[ce]id", re.IGNORECASE)
# Never identify a page: cache busters, session ids, web-server state.
_NOISE_PARAMETERS = re.compile(
    r"""(?x)^(?:
        phpsessid | jsessionid | aspsessionid\w* | sid | sessionid | cfid | cftoken
      | ver | rev | timestamp | nocache | rnd | random
      | __viewstate | __eventvalidation | __requestdigest
      | p_p_lifecycle | p_p_state | p_p_mode | p_p_col_id | p_p_col_pos | p_p_col_count
      | _101_advancedsearch | _101_andoperator | _101_keywords | p_r_p_564233524_resetcur
      | redirect | _\d*_?redirect | backurl | returnurl
    )$""",
)
_CACHE_BUSTER = re.compile(r"^\d{9,14}$")  # ?t=1658804544379 on Liferay documents
_SESSION_PATH = re.compile(r";jsessionid=[^/?#]*|/\((?:[AFSX]\([^)]*\))+\)(?=/)", re.IGNORECASE)
_CASE_INSENSITIVE_PATH = re.compile(r"\.(?:aspx?|ashx|asmx|jspx?)(?:/|$)", re.IGNORECASE)
_DEFAULT_DOCUMENT = re.compile(r"/(?:default|index)\.(?:aspx?|html?|php|jsp)$", re.IGNORECASE)
_LONGEST_KEPT = 2000  # characters of an address whose key is remembered: menus repeat on every page
# Characters that may stand unescaped in a path or query (RFC 3986, section 3.3 and 3.4).
_PATH_SAFE = "/:@!$&'()*+,;=~-._"
_QUERY_SAFE = "/?:@!$&'()*+,;=~-._[]"


def canonical_url(url: str) -> str:
    """The address as a browser would request it: lower-case scheme and host, no default port,
    no fragment, dot segments resolved, other characters than RFC 3986 allows percent-encoded as
    UTF-8, session ids removed from the path and campaign tags from the query, which otherwise
    keeps its order.

    Raises ValueError for anything that is not an absolute http or https URL with a host.
    """
    parts = urlsplit(url.strip())
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"not an absolute http(s) URL: {url!r}")
    host = _host(parts.hostname)
    if parts.port is not None and parts.port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{parts.port}"
    path = _SESSION_PATH.sub("", parts.path)
    path = _resolve_dots(_requote(path, _PATH_SAFE)) or "/"
    query = _requote(parts.query, _QUERY_SAFE)
    if "=" in query:
        pairs = query.split("&")
        query = "&".join(p for p in pairs if not _CAMPAIGN.fullmatch(p.partition("=")[0]))
    return urlunsplit((scheme, host, path, query, ""))


def url_key(url: str) -> str:
    """The identity of an address: see the module's description. Raises ValueError as
    ``canonical_url`` does."""
    return _url_key(url) if len(url) <= _LONGEST_KEPT else _url_key.__wrapped__(url)


@lru_cache(maxsize=8192)
def _url_key(url: str) -> str:
    parts = urlsplit(canonical_url(url))
    host = parts.hostname or ""
    host = host.removeprefix("www.")
    if not re.fullmatch(r"[\d.]+|.*:.*", host):
        host = ",".join(reversed(host.split(".")))
    else:
        host = host.strip("[]")
    if parts.port is not None:
        host = f"{host}:{parts.port}"
    path = re.sub(r"/{2,}", "/", parts.path)
    path = _DEFAULT_DOCUMENT.sub("/", path)
    insensitive = bool(_CASE_INSENSITIVE_PATH.search(path))
    if insensitive:
        path = path.lower()
    path = path.rstrip("/") or "/"
    query = _key_query(parts.query, insensitive=insensitive)
    return f"{host}){path}" + (f"?{query}" if query else "")


def key_of(url: str) -> str:
    """The URL key, or the URL itself where it has none (not http, no host)."""
    try:
        return url_key(url)
    except ValueError:
        return url


def host_of(url: str) -> str:
    """Lower-case host name of an absolute URL, without port; empty if there is none."""
    return _host_of(url) if len(url) <= _LONGEST_KEPT else _host_of.__wrapped__(url)


@lru_cache(maxsize=8192)
def _host_of(url: str) -> str:
    try:
        return _host(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return ""


def _host(hostname: str) -> str:
    host = hostname.lower().rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError(f"not a host name: {hostname!r}") from error
    return f"[{host}]" if ":" in host else host


def _requote(text: str, safe: str) -> str:
    """Escape what must be, keep what was escaped, unescape what need not be."""
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", text)
    out = []
    for piece in pieces:
        if re.fullmatch(r"%[0-9A-Fa-f]{2}", piece):
            byte = unquote_to_bytes(piece)
            plain = byte.decode("latin-1")
            out.append(plain if re.fullmatch(r"[A-Za-z0-9~._-]", plain) else piece.upper())
        else:
            out.append(quote(piece, safe=safe))
    return "".join(out)


def _resolve_dots(path: str) -> str:
    """RFC 3986, section 5.2.4, on an absolute path."""
    if "/." not in path:
        return path
    out: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if out:
                out.pop()
        elif segment != ".":
            out.append(segment)
    if segments[-1] in {".", ".."}:
        out.append("")
    return "/" + "/".join(out)


def _key_query(query: str, *, insensitive: bool) -> str:
    pairs = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        lowered = name.lower()
        if _NOISE_PARAMETERS.match(lowered) or (lowered == "t" and _CACHE_BUSTER.match(value)):
            continue
        if lowered in {"pageindex", "page"} and value in {"0", ""}:
            continue
        pairs.append((lowered, value.lower() if insensitive else value))
    names = {name for name, _ in pairs}
    if "itemid" in names:
        # SharePoint with Lạc Việt parts: the item id identifies, the date only sorts; the same
        # article is linked with two date formats on one page (gianghia.daknong.gov.vn).
        pairs = [pair for pair in pairs if pair[0] != "publisheddate"]
    return urlencode(sorted(pairs))
