"""The ledger of addresses: what is still to be asked of each portal, and when to ask again.

It is written in the group in which the captures and readings are (archive.ingest), so that a page
and the links found on it are known together or not at all: a crawl that was killed goes on where
the last group ended. What a row means for the next crawl is decided by crawler.revisits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Self

from archive.captures import next_id
from archive.database import first_row, sqlite_errors
from archive.migrations.m0003_url_ledger import STATEMENTS


@dataclass(frozen=True, slots=True)
class Address:
    """One row of the table `address`, its fields in the order of the columns. Times are UTC text
    (archive.timestamps), ``dated`` is as published_at; None where there is none yet."""

    id: int
    site: str
    url_key: str
    url: str
    role: str
    form: str
    via: str
    priority: int
    depth: int
    state: str
    kind: str
    reader: str
    fingerprint: str
    dated: str
    listing: int | None
    page_number: int | None
    quiet: int
    discovered_at: str
    checked_at: str | None = None
    changed_at: str | None = None
    due_at: str | None = None
    interval_days: float | None = None
    checks: int = 0
    changes: int = 0
    misses: int = 0
    tries: int = 0

    @classmethod
    def discovered(
        cls,
        number: int,
        site: str,
        url_key: str,
        url: str,
        at: str,
        *,
        role: str = "page",
        via: str = "",
        priority: int = 0,
        depth: int = 0,
        page_number: int | None = None,
    ) -> Self:
        """The row, with this ``id``, of an address that nobody has asked for yet."""
        return cls(
            id=number,
            site=site,
            url_key=url_key,
            url=url,
            role=role,
            form="",
            via=via,
            priority=priority,
            depth=depth,
            state="todo",
            kind="",
            reader="",
            fingerprint="",
            dated="",
            listing=None,
            page_number=page_number,
            quiet=0,
            discovered_at=at,
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """One row of the table `walk`; ``ended_at`` is None while the walk goes on or is interrupted."""

    site: str
    started_at: str
    is_full: bool
    ended_at: str | None = None
    last_full_at: str | None = None
    missing_page: str = ""
    missing_asked_at: str | None = None


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request says (RFC 9110, section 13), as the server sent it; empty where
    it sent none."""

    etag: str = ""
    last_modified: str = ""


_COLUMNS = tuple(field.name for field in fields(Address))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM address"
_values_of = attrgetter(*_COLUMNS)
_PUT = (
    f"INSERT INTO address({', '.join(_COLUMNS)}) VALUES ({', '.join('?' for _ in _COLUMNS)}) "
    "ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "id")
)
_WALK_COLUMNS = tuple(field.name for field in fields(Walk))
_PUT_WALK = (
    f"INSERT OR REPLACE INTO walk({', '.join(_WALK_COLUMNS)}) "
    f"VALUES ({', '.join('?' for _ in _WALK_COLUMNS)})"
)


class UrlLedger:
    """The ledger as the one writer sees it: rows in the database, and those that wait for the group.

    Rows that were put are found by `find` at once and by the other questions once they are written;
    `write` is the caller's transaction. ``path`` is the database's; ``on_put`` is told of every row.
    Questions raise ArchiveError when the database cannot be read.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        on_put: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._path = path  # for messages
        self._on_put = on_put
        self._next_id = next_id(connection, "address")
        self._pending: dict[tuple[str, str], Address] = {}
        self._pending_walks: dict[str, Walk] = {}
        self._pending_given_up: list[tuple[str, str, str, str]] = []
        self._pending_forgiven: list[str] = []

    @classmethod
    def in_memory(cls) -> Self:
        """A ledger that is kept nowhere, for a walk without an archive."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        for statement in STATEMENTS:
            if statement.lstrip().startswith("CREATE"):
                connection.execute(statement)
        return cls(connection, Path(":memory:"))

    # -- rows -----------------------------------------------------------------------------------

    def new_id(self) -> int:
        """The id for the next new row."""
        self._next_id += 1
        return self._next_id - 1

    def put(self, address: Address) -> None:
        """Keeps the row, new or changed, for the next group."""
        self._pending[address.site, address.url_key] = address
        self._on_put()

    def find(self, site: str, url_key: str) -> Address | None:
        """The row under this key, as it was put last."""
        pending = self._pending.get((site, url_key))
        if pending is not None:
            return pending
        found = self._rows("WHERE site = ? AND url_key = ?", site, url_key)
        return found[0] if found else None

    @property
    def has_pending(self) -> bool:
        return bool(
            self._pending or self._pending_walks or self._pending_given_up or self._pending_forgiven
        )

    def has_pending_of(self, site: str) -> bool:
        """Whether rows of this site wait for the group."""
        return any(key[0] == site for key in self._pending)

    # -- questions about what is written ---------------------------------------------------------

    def todo(self, site: str, limit: int, roles: Collection[str] = ()) -> list[Address]:
        """The addresses to ask next, best first; only those with one of these roles, if any are
        named."""
        only = f"AND role IN ({', '.join('?' for _ in roles)}) " if roles else ""
        return self._rows(
            f"WHERE site = ? AND state = 'todo' {only}ORDER BY priority DESC, id LIMIT ?",
            site,
            *roles,
            limit,
        )

    def due(self, site: str, now: str, limit: int) -> list[Address]:
        """The addresses whose time has come, the longest overdue first; files last."""
        return self._rows(
            "WHERE site = ? AND due_at <= ? AND state <> 'todo' "
            "ORDER BY role = 'file', due_at, id LIMIT ?",
            site,
            now,
            limit,
        )

    def first_pages(self, site: str, limit: int) -> list[Address]:
        """First pages of listings, the longest unasked first, those without dates last: they may be
        anything that has many links."""
        return self._rows(
            "WHERE site = ? AND kind = 'listing' AND page_number IS NULL AND form = '' "
            "AND state = 'done' AND role <> 'home' ORDER BY dated = '', checked_at, id LIMIT ?",
            site,
            limit,
        )

    def unasked_since(
        self, site: str, kind: str, moment: str, limit: int, *, further_pages: bool = False
    ) -> list[Address]:
        """Addresses of this kind that were not asked since the moment, by GET, and are not waiting
        to be; of listings all, or only their further pages."""
        only = "AND page_number IS NOT NULL " if further_pages else ""
        return self._rows(
            "WHERE site = ? AND kind = ? AND checked_at < ? AND state <> 'todo' AND form = '' "
            f"{only}ORDER BY checked_at, id LIMIT ?",
            site,
            kind,
            moment,
            limit,
        )

    def page_of_listing(self, listing: int, page_number: int) -> Address | None:
        """A further page of the listing whose first page has this id."""
        found = self._rows("WHERE listing = ? AND page_number = ? LIMIT 1", listing, page_number)
        return found[0] if found else None

    def pages_had(self, site: str, listing: int, since: str) -> list[int]:
        """The numbers of the further pages of the listing that were had since the moment."""
        with sqlite_errors(self._path):
            rows = self._connection.execute(
                "SELECT page_number FROM address WHERE site = ? AND kind = 'listing' "
                "AND listing = ? AND checked_at >= ? AND page_number IS NOT NULL",
                (site, listing, since),
            )
            return [int(number) for (number,) in rows]

    def neighbours(self, address: Address, reach: int) -> list[Address]:
        """So many articles that were found just before this one, and just after."""
        # By rowid: the few rows beside it are nearer than all articles of the site.
        near = "NOT INDEXED WHERE id {} ? AND site = ? AND kind = 'article' ORDER BY id {} LIMIT ?"
        return [
            row
            for beside in (near.format("<", "DESC"), near.format(">", "ASC"))
            for row in self._rows(beside, address.id, address.site, reach)
        ]

    def validators(self, site: str, url_key: str, url: str) -> Validators | None:
        """What the last whole answer of this very URL can be asked for again with. None where it
        was never had, or came without."""
        with sqlite_errors(self._path):
            row = first_row(
                self._connection,
                "SELECT etag, last_modified FROM capture WHERE url_key = ? AND url = ? "
                "AND site = ? AND status = 200 AND method = 'GET' AND record_type IS NOT NULL "
                "AND truncated = '' ORDER BY fetched_at DESC, id DESC LIMIT 1",
                url_key,
                url,
                site,
            )
        if row is None or not (row["etag"] or row["last_modified"]):
            return None
        return Validators(row["etag"], row["last_modified"])

    def _rows(self, where: str, *parameters: object) -> list[Address]:
        with sqlite_errors(self._path):
            found = self._connection.execute(f"{_SELECT} {where}", parameters)
            return [Address(*row) for row in found]

    # -- walks ----------------------------------------------------------------------------------

    def walk(self, site: str) -> Walk | None:
        """The last walk of the site, as it was put last."""
        if site in self._pending_walks:
            return self._pending_walks[site]
        with sqlite_errors(self._path):
            row = self._connection.execute(
                f"SELECT {', '.join(_WALK_COLUMNS)} FROM walk WHERE site = ?", (site,)
            ).fetchone()
        return None if row is None else Walk(row[0], row[1], bool(row[2]), *row[3:])

    def put_walk(self, walk: Walk) -> None:
        """Keeps the row for the next group."""
        self._pending_walks[walk.site] = walk
        self._on_put()

    def given_up(self, site: str) -> dict[str, str]:
        """Shapes of addresses that lead nowhere, each with an address that showed it."""
        with sqlite_errors(self._path):
            rows = self._connection.execute(
                "SELECT shape, url FROM given_up WHERE site = ?", (site,)
            )
            return {str(shape): str(url) for shape, url in rows}

    def give_up(self, site: str, shape: str, url: str, at: str) -> None:
        """Keeps a shape that leads nowhere, for the next group."""
        self._pending_given_up.append((site, shape, url, at))
        self._on_put()

    def forgive(self, site: str) -> None:
        """Forgets, with the next group, which shapes led nowhere until now."""
        self._pending_forgiven.append(site)
        self._on_put()

    # -- the group ------------------------------------------------------------------------------

    def write(self) -> None:
        """Writes what waits; the caller's transaction. It is still found by `find` until `forget`."""
        self._connection.executemany(_PUT, map(_values_of, self._pending.values()))
        walk_values = attrgetter(*_WALK_COLUMNS)
        self._connection.executemany(_PUT_WALK, map(walk_values, self._pending_walks.values()))
        for site in self._pending_forgiven:
            self._connection.execute("DELETE FROM given_up WHERE site = ?", (site,))
        self._connection.executemany(
            "INSERT OR REPLACE INTO given_up VALUES (?, ?, ?, ?)", self._pending_given_up
        )

    def commit(self) -> None:
        """Writes what waits, where there is no group to wait for."""
        self.write()
        self.forget()

    def forget(self) -> None:
        """Nothing waits any more: the group is committed, or lost."""
        self._pending.clear()
        self._pending_walks.clear()
        self._pending_given_up.clear()
        self._pending_forgiven.clear()
