"""What a run concludes about a site: a pure function of what was seen and of the site's history."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Share of requests that may fail after all retries before a run counts as half-done.
_FAILED_SHARE = 0.05
# Share of article pages that may be unreadable before the layout counts as changed.
_UNREADABLE_SHARE = 0.2
# A full walk that finds fewer than this share of the articles of an earlier one is not complete.
_SHRUNK_SHARE = 0.5


class Verdict(StrEnum):
    """How a site is. All but OK and QUIET make `huyen crawl` end with status 3."""

    OK = "ok"
    QUIET = "quiet"  # answered, nothing new
    EMPTY = "empty"  # answered, but no article was found where there should be some
    UNREACHABLE = "unreachable"  # the home page could not be had
    CHANGED = "changed"  # pages that look like articles can no longer be read
    PARTIAL = "partial"  # many requests failed, or far fewer articles than before
    INTERRUPTED = "interrupted"  # stopped by a signal or a limit; nothing is concluded

    @property
    def is_healthy(self) -> bool:
        return self in {Verdict.OK, Verdict.QUIET, Verdict.INTERRUPTED}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one crawl of one site saw. ``articles``: distinct article pages read; ``unreadable``:
    pages that look like articles but could not be read; ``failed``: requests without an answer
    after all retries; ``complete``: the walk came to its own end; ``alarms``: what crawler.alarms
    says of the articles as a whole."""

    responses: int
    articles: int
    new: int
    changed: int
    unreadable: int
    failed: int
    home_error: str
    complete: bool
    alarms: tuple[str, ...] = ()


def judge(seen: Seen, articles_before: int) -> tuple[Verdict, str]:
    """The verdict with its reason in a few words. ``articles_before`` is the number of articles
    that the last complete run read, 0 if there was none."""
    if seen.home_error:
        return Verdict.UNREACHABLE, f"home page: {seen.home_error}"
    if not seen.complete:
        return Verdict.INTERRUPTED, f"stopped after {seen.articles} articles"
    if seen.articles == 0:
        before = f"; {articles_before} in the last complete run" if articles_before else ""
        return Verdict.EMPTY, f"no article on {seen.responses} answers{before}"
    if seen.unreadable > _UNREADABLE_SHARE * (seen.articles + seen.unreadable):
        return Verdict.CHANGED, f"{seen.unreadable} article pages could not be read"
    if seen.alarms:
        return Verdict.CHANGED, "; ".join(seen.alarms)
    if seen.articles < _SHRUNK_SHARE * articles_before:
        return (
            Verdict.PARTIAL,
            f"{seen.articles} articles, {articles_before} in the last complete run",
        )
    if seen.failed > _FAILED_SHARE * (seen.responses + seen.failed):
        return Verdict.PARTIAL, f"{seen.failed} of {seen.responses + seen.failed} requests failed"
    if seen.new or seen.changed:
        return Verdict.OK, f"{seen.new} new, {seen.changed} changed"
    return Verdict.QUIET, "nothing new"
