"""What class names and ids say about the part of a page that they name.

Names are evidence, never proof: a rule that uses a mark must also look at the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from archive.vietnamese import fold


class Mark:
    """The roles that a name suggests: bits of one number, since a page has thousands of names."""

    NONE: Final = 0
    TITLE: Final = 1
    DATE: Final = 1 << 1
    SAPO: Final = 1 << 2  # the lead paragraph
    BODY: Final = 1 << 3
    AUTHOR: Final = 1 << 4
    CAPTION: Final = 1 << 5
    CATEGORY: Final = 1 << 6  # section heading or breadcrumb
    HEADER: Final = 1 << 7  # of the page, not of an article
    FOOTER: Final = 1 << 8
    NAVIGATION: Final = 1 << 9
    SIDEBAR: Final = 1 << 10
    OTHER_NEWS: Final = 1 << 11
    COMMENTS: Final = 1 << 12
    TOOLS: Final = 1 << 13  # share, print, text size, rating, tags, counters, advertisements


#: Parts of a page that never belong to an article.
CHROME = (
    Mark.HEADER
    | Mark.FOOTER
    | Mark.NAVIGATION
    | Mark.SIDEBAR
    | Mark.OTHER_NEWS
    | Mark.COMMENTS
    | Mark.TOOLS
)

# Matched against the words of a name: "tandan-p-article-news-title", "lv_description_mode1" and
# "newsBodyHtml" are split at separators and humps, folded, and joined by single spaces.
_WORDS: tuple[tuple[int, str], ...] = (
    (
        Mark.OTHER_NEWS,
        r"related|relate|relation|other|others|othernews|othertitle|tin khac|tinkhac|tin lien quan|lien quan"
        r"|lienquan|cung chuyen muc|tin moi|tinmoi|tin cu|latest|newest|older|newer|most|hot ?news"
        r"|tin nong|xem nhieu|doc nhieu|xem them|xemthem|xemtiep|recommend\w*|more news|showdate"
        r"|prev|next|next prev|newsother\w*|baikhac|tinlienquan\w*",
    ),
    (
        Mark.COMMENTS,
        r"comments?|commentlist|respond|binh luan|binhluan|y kien|ykien|phan hoi|phanhoi|feedback"
        r"|disqus|fb comments|thao luan",
    ),
    (
        Mark.TOOLS,
        r"share\w*|sharing|social\w*|addthis\w*|sharethis|print\w*|toolbar|tools?|zoom|font size|fontsize"
        r"|text size|rating|vote|danh gia|tags?|tag list|taglist|tu khoa|keywords?|counter|hit ?count\w*"
        r"|readcounter|hits|truy cap|truycap\w*|thong ke|thongke\w*|visitor|visits?|online"
        r"|ads?|advert\w*|quang cao|quangcao|banner\w*|pagination|pager|paging|phan trang|page numbers"
        r"|login|dang nhap|search\w*|tim kiem|captcha|audio|player|speaker|weblinks?|linkweb\w*"
        r"|lien ket|captions settings",
    ),
    (
        Mark.NAVIGATION,
        r"nav\w*|menus?|menubar|mainmenu|topmenu|submenu\w*|leftmenu\w*|quick ?launch|toc|sitemap",
    ),
    (Mark.FOOTER, r"footer\w*|foot|chan trang|copyright|ban quyen"),
    (
        Mark.SIDEBAR,
        r"sidebar\w*|side bar|aside|widgets?|cot phai|cot trai|right ?col\w*|left ?col\w*",
    ),
    (Mark.HEADER, r"header\w*|masthead|top ?bar|logo|marquee|slogan|clock|dong ho"),
    (
        Mark.CATEGORY,
        r"breadcrumbs?|bread crumbs?|crumbs?|folder ?title|category|categories|cat|chuyen ?muc\w*"
        r"|section ?title|cat ?title|dd chuyenmuc|duong dan",
    ),
    (
        Mark.SAPO,
        r"sapo|summary|description|desc|hometext|tom tat|tomtat|trich yeu|trichyeu|trich dan|excerpt"
        r"|abstract|lead|news des|intro ?text|short ?content|short ?desc\w*|chapeau|teaser",
    ),
    (
        Mark.CAPTION,
        r"caption\w*|chu thich|chuthich|figcaption|img ?desc|image ?desc\w*|photo ?cms ?caption|pcaption",
    ),
    (
        Mark.AUTHOR,
        r"authors?|created ?by|posted ?by|written ?by|tac gia|tacgia|byline|writer|nguoi viet|nguon|source|butdanh|but danh",
    ),
    (
        Mark.DATE,
        r"dates?|time\w*|ngay\w*|publish\w*|posted|created|pub ?date|date ?time|thoi gian|datepublished"
        r"|meta|entry meta|post meta|news ?info|article ?info|block timer|ngay ?dang|submitted|time ?stamp",
    ),
    (
        Mark.TITLE,
        r"titles?|headline|tieu ?de\w*|heading|entry title|post ?title|news ?title|article ?title",
    ),
    (
        Mark.BODY,
        r"body ?text|body ?html|bodytext|article ?body|article ?content|news ?content|entry ?content"
        r"|post ?content|content ?detail|detail ?content|noi ?dung\w*|external ?class\w*"
        r"|journal content article|rte ?state ?field|art content|main ?content|news ?detail|bodyhtml"
        r"|com content article body|item page|text ?content|chi ?tiet\w*|contents?|detail",
    ),
)
_PATTERNS = tuple((mark, re.compile(rf"(?<![^ ])(?:{words})(?![^ ])")) for mark, words in _WORDS)
# "entry-header" and "article-footer" are parts of the article; "header" and "page-footer" are not.
_ARTICLE_PART = re.compile(
    r"(?<![^ ])(?:entry|article|post|news|detail|content|asset|item|bai viet)(?![^ ])"
)
# "has-sidebar", "no-sidebar", "body-with-menu": the layout of the page, not a part of it.
_LAYOUT = re.compile(r"(?<![^ ])(?:with|has|no|without|wrap|wrapper|layout|body|allow)(?![^ ])")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATOR = re.compile(r"[^a-z]+")
_CONTENT: Final = Mark.TITLE | Mark.DATE | Mark.SAPO | Mark.BODY | Mark.CAPTION


@lru_cache(maxsize=8192)
def marks_of(name: str) -> int:
    """The roles that a class attribute or an id suggests.

    One class that names content outweighs another that names a menu or a tool: the title of a
    post is ``Title allowMenuPost`` on dakglong.daknong.gov.vn.
    """
    found: int = Mark.NONE
    content: int = Mark.NONE
    for token in name.split()[:12]:
        marks = _marks_of_token(token[:100])
        found |= marks
        if not marks & CHROME:
            content |= marks
    if content & _CONTENT:
        found &= ~(Mark.NAVIGATION | Mark.TOOLS)
    return found


@lru_cache(maxsize=8192)
def _marks_of_token(token: str) -> int:
    words = _SEPARATOR.sub(" ", fold(_HUMP.sub(" ", token))).strip()
    found: int = Mark.NONE
    if not words:
        return found
    for mark, pattern in _PATTERNS:
        if pattern.search(words):
            found |= mark
    if _LAYOUT.search(words):
        found &= ~(Mark.HEADER | Mark.FOOTER | Mark.SIDEBAR | Mark.NAVIGATION)
    if _ARTICLE_PART.search(words) or words == "page header":
        found &= ~(Mark.HEADER | Mark.FOOTER | Mark.SIDEBAR)
    return found


_TAG_MARKS = {
    "nav": Mark.NAVIGATION,
    "header": Mark.HEADER,
    "footer": Mark.FOOTER,
    "aside": Mark.SIDEBAR,
    "time": Mark.DATE,
    "figcaption": Mark.CAPTION,
    "marquee": Mark.HEADER,
    "main": Mark.BODY,
}
_ROLE_MARKS = {
    "navigation": Mark.NAVIGATION,
    "banner": Mark.HEADER,
    "contentinfo": Mark.FOOTER,
    "complementary": Mark.SIDEBAR,
    "search": Mark.TOOLS,
}
_PROPERTY_MARKS = {  # schema.org, as NukeViet, Joomla and Drupal write it
    "headline": Mark.TITLE,
    "datepublished": Mark.DATE,
    "datecreated": Mark.DATE,
    "datemodified": Mark.DATE,
    "description": Mark.SAPO,
    "articlebody": Mark.BODY,
    "author": Mark.AUTHOR,
    "articlesection": Mark.CATEGORY,
    "genre": Mark.CATEGORY,
}


@lru_cache(maxsize=8192)
def marks_of_element(tag: str, name: str, identifier: str, role: str, item_property: str) -> int:
    """The roles that an element's tag, class, id, role and itemprop suggest together."""
    found: int = _TAG_MARKS.get(tag, Mark.NONE)
    if name:
        found |= marks_of(name)
    if identifier:
        found |= marks_of(identifier)
    if role:
        found |= _ROLE_MARKS.get(role.lower(), Mark.NONE)
    if item_property:
        found |= _PROPERTY_MARKS.get(item_property.lower(), Mark.NONE)
    return found
