"""Whose portal it was: bodies, the hosts they spoke on, and from when to when.

A host name is not a body. On 1 July 2025 the districts were abolished; some of their hosts went to
communes of the same name. So "everything that Huyện Hoằng Hóa published" and "everything that its host
served in 2026" are two questions: the view `article_bodies` answers the first, `captures` the second.

Days are ISO dates; a period begins with ``since`` and ends before ``until``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.query import slug_of
from archive.urls import host_of, key_of
from archive.vietnamese import normalise

KINDS = ("huyện", "quận", "thị xã", "thành phố", "thị trấn", "đặc khu", "phường", "xã", "tỉnh")


@dataclass(frozen=True, slots=True)
class Spoke:
    """A host on which a body spoke (without ``www.``), and when, as far as known."""

    host: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """An office of a district, commune or the like. ``since`` and ``until`` are its own life, None
    where not known or not over; ``successors`` names of bodies that took its place, not always all."""

    name: str
    kind: str
    province: str
    since: str | None = None
    until: str | None = None
    successors: tuple[str, ...] = ()
    hosts: tuple[Spoke, ...] = ()

    @property
    def slug(self) -> str:
        """The name as it can be typed: ``huyen-hoang-hoa``. Two provinces may have one slug."""
        return slug_of(self.name)


def kind_of(name: str) -> str:
    """The kind of body that a name begins with, one of KINDS; empty where it begins with none."""
    lowered = normalise(name).lower()
    return next((kind for kind in KINDS if lowered.startswith(f"{kind} ")), "")


def only_body(name: str, province: str, home: str) -> Body:
    """The body of a portal of which no more is known than its name: it has always spoken there."""
    host = host_of(home).removeprefix("www.")
    return Body(name, kind_of(name), province, hosts=(Spoke(host),) if host else ())


def store_bodies(connection: sqlite3.Connection, site: str, bodies: Sequence[Body]) -> None:
    """Makes these the bodies of a site, in place of those that it had. Inside a transaction of the
    caller."""
    if set(bodies_of(connection, site)) == {_in_order(body) for body in bodies}:
        return
    connection.execute("DELETE FROM host WHERE site = ?", (site,))
    for body in bodies:
        connection.execute(
            """
            INSERT INTO body(slug, name, kind, province, since, until, successors)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name, province) DO UPDATE SET
                kind = excluded.kind, since = excluded.since, until = excluded.until,
                successors = excluded.successors
            """,
            (
                body.slug,
                body.name,
                body.kind,
                body.province,
                body.since,
                body.until,
                json.dumps(body.successors, ensure_ascii=False),
            ),
        )
        connection.executemany(
            """
            INSERT INTO host SELECT ?, ?, ?, id, ?, ? FROM body WHERE name = ? AND province = ?
            """,
            [
                (
                    site,
                    spoke.host,
                    _host_key(spoke.host),
                    spoke.since,
                    spoke.until,
                    body.name,
                    body.province,
                )
                for spoke in body.hosts
            ],
        )
    connection.execute("DELETE FROM body WHERE id NOT IN (SELECT body_id FROM host)")


def bodies_of(connection: sqlite3.Connection, site: str | None = None) -> tuple[Body, ...]:
    """The bodies of a site, or all of them; with all their hosts there, in the order of time."""
    rows = connection.execute(
        """
        SELECT b.*, h.host, h.since AS spoke_since, h.until AS spoke_until
        FROM body b JOIN host h ON h.body_id = b.id WHERE ?1 IS NULL OR h.site = ?1
        ORDER BY coalesce(b.since, ''), b.until IS NULL, b.until, b.id, h.host
        """,
        (site,),
    )
    names = [column[0] for column in rows.description]
    found: dict[int, Body] = {}
    for values in rows:
        row = dict(zip(names, values, strict=True))
        spoke = Spoke(row["host"], row["spoke_since"], row["spoke_until"])
        before = found.get(row["id"])
        found[row["id"]] = Body(
            row["name"],
            row["kind"],
            row["province"],
            row["since"],
            row["until"],
            tuple(json.loads(row["successors"])),
            (*(before.hosts if before else ()), spoke),
        )
    return tuple(found.values())


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Gives every site that has no body the one that its name says. Inside a transaction of the
    caller."""
    rows = connection.execute(
        "SELECT slug, name, province, home FROM site WHERE slug NOT IN (SELECT site FROM host)"
    ).fetchall()
    for slug, name, province, home in rows:
        store_bodies(connection, slug, (only_body(name, province, home),))


def _in_order(body: Body) -> Body:
    return replace(body, hosts=tuple(sorted(body.hosts, key=lambda spoke: spoke.host)))


def _host_key(host: str) -> str:
    """The beginning of the URL keys of a host: ``vn,gov,thanhhoa,hoanghoa``."""
    return key_of(f"http://{host}/").partition(")")[0]
