"""What to ask a portal for next: one portal's part of the ledger of addresses.

A portal has no map of itself, so every link is followed. A *full* walk asks for everything once. Any
other walk leaves known ground alone: it asks for the home page, the sections, listings as far as they
bring something unknown, every address that was not known before, and pages whose time has come
(crawler.revisits). A row stays `todo` until what it led to is in the ledger too, so that a walk goes
on where it ended, whatever ended it.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from archive.timestamps import parse_utc, utc_now, utc_text
from archive.url_ledger import Address, UrlLedger, Validators, Walk
from archive.urls import key_of
from crawler import revisits
from crawler.paging import page_number_in
from crawler.revisits import Seen
from crawler.sites import Site, State
from crawler.traps import Traps, shape_of_key

HOME: Final = "home"
PAGE: Final = "page"
FILE: Final = "file"
MISSING: Final = "missing"
# Pages before the files they need, and these before pictures and styles of a page: a run that is cut
# short has the record first. Within each, what is nearer to the home page.
PRIORITY: Final = {MISSING: 4000, HOME: 3500, PAGE: 2000, FILE: 1000}
SECTION_PRIORITY: Final = 3000
REQUISITE_PRIORITY: Final = 0

_BATCH = 100  # rows that are read ahead
_REMEMBERED = 10_000  # addresses about which it is known without a look that nothing is to be done


class Frontier:
    """The addresses of one portal in one run.

    ``flush`` writes what was put into the ledger; ``limit`` is the number of pages to ask for in
    this run, 0 for all, files not counted; ``depth_limit`` how many links from the home page are
    followed. Methods raise ArchiveError when the ledger cannot be read or written.
    """

    def __init__(
        self,
        ledger: UrlLedger,
        site: Site,
        *,
        flush: Callable[[], None],
        limit: int = 0,
        depth_limit: int = 200,
        clock: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self.cut_short = False  # whether the limit kept a page from being asked for
        self.traps = Traps()
        self.full = True  # whether this walk asks for everything
        self.resumed = False  # whether it goes on with the full walk of an earlier run
        self._ledger = ledger
        self._site = site
        self._flush = flush
        self._limit = limit
        self._depth_limit = depth_limit
        self._clock = clock
        self._run_began = utc_text(clock())
        self._walk = Walk(site.slug, self._run_began, is_full=True)
        self._is_open_for_pages = False
        self._pages = 0
        self._ready: deque[Address] = deque()
        self._in_flight: dict[int, Address] = {}
        self._left: set[int] = set()  # asked in vain in this run, and still to be done
        self._read_all = False  # whether nothing was left to be read ahead
        self._best_put: int | None = None  # highest priority put as todo since rows were read ahead
        self._nothing_to_do: dict[str, None] = {}

    # -- the walk -------------------------------------------------------------------------------

    def begin(self, *, full: bool) -> None:
        """Begins a walk, a ``full`` one or such as is due, or goes on with a full one that was
        interrupted."""
        now = self._clock()
        last = self._ledger.walk(self._site.slug)
        unfinished = last is not None and last.ended_at is None and last.is_full
        if last is not None and unfinished and _days(last.started_at, now) < revisits.RESUME_DAYS:
            self.resumed = True
            self._walk = last
        else:
            self.full = full or last is None or last.last_full_at is None
            self._walk = replace(
                last or self._walk,
                started_at=self._run_began,
                is_full=self.full,
                ended_at=None,
            )
        if self.full and not self.resumed:
            self._ledger.forgive(self._site.slug)
        else:
            self.traps = Traps(self._ledger.given_up(self._site.slug))
        self._ledger.put_walk(self._walk)
        if not self.full:
            self._take_up_what_is_due(now)

    def end(self) -> None:
        """The walk has come to its own end."""
        if self.cut_short or self._left or not self._is_open_for_pages:
            return
        at = utc_text(self._clock())
        last_full = at if self._walk.is_full else self._walk.last_full_at
        self._put_walk(replace(self._walk, ended_at=at, last_full_at=last_full))

    def _take_up_what_is_due(self, now: dt.datetime) -> None:
        slug = self._site.slug
        frozen = self._site.life.state is State.FROZEN
        revisited = revisits.FROZEN_SAMPLE if frozen else revisits.REVISITS_A_RUN
        listings = revisits.FROZEN_LISTINGS if frozen else revisits.LISTINGS_A_RUN
        for address in (
            *self._ledger.due(slug, utc_text(now), revisited),
            *self._ledger.first_pages(slug, listings),
        ):
            self._put_todo(address)

    @property
    def missing_page(self) -> str | None:
        """Fingerprint of what this portal answers with status 200 for a page that does not exist;
        empty where it tells by status; None where it has to be asked (again)."""
        asked = self._walk.missing_asked_at
        if asked is None or (self.full and asked < self._walk.started_at):
            return None
        if _days(asked, self._clock()) > revisits.MISSING_PAGE_DAYS:
            return None
        return self._walk.missing_page

    def learn_missing_page(self, fingerprint: str) -> None:
        """Keeps `missing_page`."""
        at = utc_text(self._clock())
        self._put_walk(replace(self._walk, missing_page=fingerprint, missing_asked_at=at))

    def _put_walk(self, walk: Walk) -> None:
        self._walk = walk
        self._ledger.put_walk(walk)

    # -- addresses that were found --------------------------------------------------------------

    def start_with(self, url: str, role: str, priority: int) -> Address | None:
        """The row of a starting page, to be asked for in every run; None if it was asked already."""
        row = self._ledger.find(self._site.slug, key_of(url))
        if row is None:
            return self._put_todo(self._new(url, key_of(url), role, priority, 0, ""))
        if row.state != "todo" and (row.checked_at or "") >= self._run_began:
            return None
        return self._put_todo(replace(row, role=role, priority=priority, depth=0))

    def take(
        self, url: str, role: str, found_on: Address | None, *, priority: int | None = None
    ) -> Address | None:
        """The row of an address that was found, if it is to be asked for and would not have been
        otherwise: it was unknown, or was not asked for yet in a full walk."""
        if url in self._nothing_to_do:
            return None
        row = self._decide(url, role, found_on, PRIORITY[role] if priority is None else priority)
        if len(self._nothing_to_do) >= _REMEMBERED:
            self._nothing_to_do.clear()
        self._nothing_to_do[url] = None
        return row

    def _decide(
        self, url: str, role: str, found_on: Address | None, priority: int
    ) -> Address | None:
        depth = 0 if found_on is None else found_on.depth + 1
        via = "" if found_on is None else found_on.url
        key = key_of(url)
        if depth > self._depth_limit or (
            role == PAGE and self.traps.given_up and self.traps.holds(shape_of_key(key))
        ):
            return None
        row = self._ledger.find(self._site.slug, key)
        if row is None:
            new = self._new(url, key, role, priority - depth, depth, via)
            if new.page_number is not None and found_on is not None and found_on.kind == "listing":
                new = self._placed(new, found_on)
            return self._put_todo(new)
        if self._is_open(row):
            return self._put_todo(replace(row, via=via, priority=priority - depth, depth=depth))
        return None

    def _placed(self, row: Address, page: Address) -> Address:
        """The row of a page with a number, as a further page of the listing that names it."""
        listing = page.listing or page.id
        if row.id == listing or row.listing is not None or not _belong_together(page.url, row.url):
            return row
        return replace(row, listing=listing)

    def knows(self, url: str) -> bool:
        """Whether the address is in the ledger."""
        return (
            url in self._nothing_to_do
            or self._ledger.find(self._site.slug, key_of(url)) is not None
        )

    def further_page(
        self,
        page: Address,
        url: str,
        quiet: int,
        *,
        number: int | None = None,
        step: str = "",
        form: str = "",
    ) -> Address | None:
        """The row of the next page of the listing that ``page`` belongs to, if it is to be asked
        for: in a full walk once, in any other while listings bring something unknown; ``quiet`` is
        the number of its pages in a row until here that did not. A page that is had by posting
        ``form`` is known by ``step``. ``number``: which page it is, if not the next one."""
        key = f"{url}#{step}" if step else key_of(url)
        row = self._ledger.find(self._site.slug, key)
        first = page.listing or page.id
        number = number or (page.page_number or 1) + 1
        depth = page.depth + (page.page_number is None)  # a long listing is no long way
        if row is not None and (row.id in {first, page.id} or row.role == HOME):
            return None
        wanted = self.full or quiet < revisits.QUIET_PAGES
        if depth > self._depth_limit or (
            not step and self.traps.given_up and self.traps.holds(shape_of_key(key))
        ):
            return None
        if row is None:
            if not wanted:
                return None
            new = self._new(url, key, PAGE, PRIORITY[PAGE] - depth, depth, page.url)
            return self._put_todo(
                replace(new, form=form, listing=first, page_number=number, quiet=quiet)
            )
        if row.listing is None and (step or _belong_together(page.url, url)):
            row = replace(row, listing=first, page_number=row.page_number or number)
            self._ledger.put(row)
        asked_in_run = (row.checked_at or "") >= self._run_began
        if (
            row.state == "todo"
            or asked_in_run
            or not (wanted and (not self.full or self._is_open(row)))
        ):
            return None
        return self._put_todo(
            replace(row, form=form, via=page.url, quiet=quiet, depth=min(depth, row.depth))
        )

    def _is_open(self, row: Address) -> bool:
        """Whether a full walk has not asked for a known address yet."""
        return (
            self.full
            and row.state != "todo"
            and (row.checked_at is None or row.checked_at < self._walk.started_at)
        )

    def _new(self, url: str, key: str, role: str, priority: int, depth: int, via: str) -> Address:
        return Address.discovered(
            self._ledger.new_id(),
            self._site.slug,
            key,
            url,
            utc_text(self._clock()),
            role=role,
            via=via,
            priority=priority,
            depth=depth,
            page_number=page_number_in(url) if role == PAGE else None,
        )

    def _put_todo(self, row: Address) -> Address:
        row = replace(row, state="todo")
        self._ledger.put(row)
        self._best_put = max(row.priority, self._best_put or row.priority)
        return row

    # -- addresses to ask -----------------------------------------------------------------------

    def open_up(self) -> None:
        """The home page has answered: until then nothing else is asked for."""
        self._is_open_for_pages = True
        self._read_all = False

    def next(self) -> Address | None:
        """The address to ask next, None where there is none at present. It is in flight until
        `checked` or `leave`."""
        while True:
            if self._is_overtaken() if self._ready else self._may_find_more:
                self._read_ahead()
            if not self._ready:
                if self._in_flight or not self._sweep():
                    return None
                continue
            found = self._ready.popleft()
            row = self._ledger.find(found.site, found.url_key)
            if row is None or row.state != "todo" or row.id in self._in_flight:
                continue  # a redirect has led there meanwhile
            if row.role == PAGE and self._is_spent():
                self.cut_short = True
                continue
            self._pages += row.role == PAGE
            self._in_flight[row.id] = row
            return row

    @property
    def best_priority(self) -> int | None:
        """The priority of what `next` would give, None where nothing is at hand."""
        ready = self._ready[0].priority if self._ready else None
        known = [priority for priority in (ready, self._best_put) if priority is not None]
        return max(known, default=None)

    @property
    def has_more(self) -> bool:
        """Whether `next` may give another address."""
        return bool(self._ready) or self._may_find_more

    @property
    def _may_find_more(self) -> bool:
        return self._best_put is not None or not self._read_all

    def _is_overtaken(self) -> bool:
        return self._best_put is not None and self._best_put > self._ready[0].priority

    def _is_spent(self) -> bool:
        return bool(self._limit) and self._pages >= self._limit

    def _read_ahead(self) -> None:
        if self._ledger.has_pending:
            self._flush()
        self._best_put = None
        roles: tuple[str, ...] = ()
        if not self._is_open_for_pages:
            roles = (HOME, MISSING)
        elif self._is_spent():
            roles = (HOME, FILE, MISSING)
            self.cut_short = self.cut_short or bool(self._waiting((PAGE,), 1))
        self._ready = deque(self._waiting(roles, _BATCH))
        self._read_all = len(self._ready) < _BATCH

    def _waiting(self, roles: tuple[str, ...], most: int) -> list[Address]:
        """Addresses to be asked that are not on their way."""
        away = len(self._in_flight) + len(self._left)
        rows = self._ledger.todo(self._site.slug, most + away, roles)
        waiting = [r for r in rows if r.id not in self._in_flight and r.id not in self._left]
        return waiting[:most]

    def _sweep(self) -> bool:
        """At the end of a full walk: what was known before and nothing has led to this time, so that
        an article that nobody links to any more is asked for too. True if there is something."""
        if not self.full or self._is_spent() or not self._is_open_for_pages:
            return False
        slug, since = self._site.slug, self._walk.started_at
        left = self._ledger.unasked_since(slug, "article", since, _BATCH)
        left += self._ledger.unasked_since(slug, "listing", since, _BATCH, further_pages=True)
        left += self._ledger.unasked_since(slug, "file", since, _BATCH)
        for row in left:
            self._put_todo(row)
        return bool(left)

    def validators(self, address: Address, url: str) -> Validators | None:
        """What the last answer of this address can be asked for again with."""
        return self._ledger.validators(self._site.slug, address.url_key, url)

    # -- answers --------------------------------------------------------------------------------

    def checked(self, address: Address, seen: Seen) -> Address:
        """Keeps what an answer said; the address is in flight no more. To be called when all that
        it led to has been taken."""
        now = self._clock()
        self._in_flight.pop(address.id, None)
        row = revisits.checked(self.current(address), seen, now)
        self._ledger.put(row)
        if row.kind == "article" and row.changes > address.changes and not self.full:
            for neighbour in self._ledger.neighbours(row, revisits.NEIGHBOUR_REACH):
                waiting = self.current(neighbour)
                nearer = revisits.pulled_nearer(waiting, now)
                if nearer is not None and waiting.state == "done":
                    self._ledger.put(nearer)
        return row

    def arrived_at(self, url: str, source: Address) -> Address:
        """The row of the address that a redirect from ``source`` leads to; in flight from now on."""
        key = key_of(url)
        row = self._ledger.find(self._site.slug, key)
        if row is None:
            role = PAGE if source.role == HOME else source.role
            row = self._new(url, key, role, source.priority, source.depth, source.url)
            self._ledger.put(row)
        self._in_flight[row.id] = row
        return row

    def row_of(self, url: str) -> Address:
        """The row of a page that was not asked for by way of the ledger."""
        key = key_of(url)
        row = self._ledger.find(self._site.slug, key)
        if row is None:
            row = self._new(url, key, PAGE, PRIORITY[PAGE], 0, "")
            self._ledger.put(row)
        return row

    def current(self, address: Address) -> Address:
        """The row as it is now: its place in a listing may have been learned since it was asked."""
        return self._ledger.find(address.site, address.url_key) or address

    def was_asked(self, url: str) -> bool:
        """Whether this very address, in this spelling, was or is being asked for in this walk: a
        redirect that leads there leads nowhere new."""
        row = self._ledger.find(self._site.slug, key_of(url))
        if row is None or row.url != url:
            return False
        since = self._walk.started_at if self.full else self._run_began
        return row.id in self._in_flight or (row.checked_at or "") >= since

    def leave(self, address: Address) -> None:
        """The request was given up without an answer, by the end of the run or for this run: it
        stays to be done."""
        if self._in_flight.pop(address.id, None) is not None:
            self._left.add(address.id)

    def note_fruits(self, page: Address, taken: list[Address], *, is_article: bool) -> None:
        """Tells what a page led to, so that traps end. In a walk that leaves known ground alone a
        page that led to nothing unknown proves nothing."""
        if not taken and not self.full:
            return
        if self.traps.note(page.url, [row.url for row in taken], is_article=is_article):
            at = utc_text(self._clock())
            shape = shape_of_key(key_of(page.url))
            self._ledger.give_up(self._site.slug, shape, page.url, at)

    def pages_had(self, listing: int) -> list[int]:
        """The numbers of the further pages of a listing that were had in this walk."""
        if self._ledger.has_pending:
            self._flush()
        return self._ledger.pages_had(self._site.slug, listing, self._walk.started_at)

    def page_after(self, address: Address) -> Address | None:
        """The page of a listing that comes after this one, as known from before."""
        number = (address.page_number or 1) + 1
        return self._ledger.page_of_listing(address.listing or address.id, number)


def _days(moment: str, now: dt.datetime) -> float:
    return (now - parse_utc(moment)) / dt.timedelta(days=1)


def _belong_together(page: str, further: str) -> bool:
    """Whether an address can be a further page of a listing: the same path, or one that goes on
    (``/tin-tuc`` and ``/tin-tuc/page/2``, ``/tin-tuc.html`` and ``/tin-tuc-p2.html``)."""
    here, there = urlsplit(page).path.lower(), urlsplit(further).path.lower()
    if here == there:
        return True
    stem = here.rsplit(".", 1)[0].rstrip("/")
    return len(stem) > 1 and there.startswith(stem)
