"""Signs that a site's pages are read wrongly, although each page by itself looks well read.

An extractor that takes a menu for the text, the site's name for the title, or a date from the box
of latest news gives the same value on page after page. Some sharing is real: one article under
several addresses, bodies that are only "Xem chi tiết tại đây", a re-publication that stamps
hundreds of pages with one date (krongno.daknong.gov.vn: 30/07/2019). So a value counts once for
each article that it cannot belong to, short bodies and dates without a time do not count, and what
an earlier run has shown already is not told again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from archive.schema import Article, Reading

_SHARE = 0.2  # of the articles of a run
_FEWEST_ARTICLES = 15
_FEWEST_PAGES = 6
_SHORTEST_BODY = 200  # characters


@dataclass(frozen=True, slots=True)
class Alarm:
    """One value that too many articles share.

    ``field`` is ``body_text``, ``title`` or ``published_at``; ``value`` the value, a body cut to its
    first 80 characters; ``pages`` how many different articles have it, of ``articles`` read.
    """

    field: str
    value: str
    pages: int
    articles: int

    def __str__(self) -> str:
        return f"{self.pages} of {self.articles} articles share one {self.field}: {self.value}"


def shared_values(
    readings: Iterable[Reading], known: Collection[tuple[str, str]] = ()
) -> tuple[Alarm, ...]:
    """The values that more than a fifth of a run's articles share though they should differ, at
    most one for each field; none for a run of fewer than 15 articles.

    ``known`` are (field, value) of alarms of earlier runs.
    """
    articles = {reading.article.url: reading.article for reading in readings if reading.article}
    if len(articles) < _FEWEST_ARTICLES:
        return ()
    alarms = (
        _most_shared("body_text", articles.values(), _body, lambda article: article.title),
        _most_shared("title", articles.values(), lambda article: article.title, _content),
        _most_shared("published_at", articles.values(), _moment, lambda article: article.title),
    )
    return tuple(
        alarm for alarm in alarms if alarm is not None and (alarm.field, alarm.value) not in known
    )


def _most_shared(
    field: str,
    articles: Collection[Article],
    value_of: Callable[[Article], str],
    identity_of: Callable[[Article], str],
) -> Alarm | None:
    """The value that most articles of different identity have."""
    holders: dict[str, set[str]] = {}
    for article in articles:
        if value := value_of(article):
            holders.setdefault(value, set()).add(identity_of(article))
    value, identities = max(
        holders.items(), key=lambda entry: (len(entry[1]), entry[0]), default=("", set())
    )
    pages = len(identities)
    if pages < _FEWEST_PAGES or pages <= _SHARE * len(articles):
        return None
    return Alarm(field, value[:80], pages, len(articles))


def _body(article: Article) -> str:
    text = f"{article.summary}\n{article.body_text}".strip()
    return text if len(text) >= _SHORTEST_BODY else ""


def _moment(article: Article) -> str:
    published = article.published_at or ""
    return published if "T" in published else ""


def _content(article: Article) -> str:
    """What tells articles of one title apart: the text, else the files, else the address."""
    files = " ".join(attachment.url for attachment in article.attachments)
    return f"{article.summary}\n{article.body_text}".strip() or files or article.url
