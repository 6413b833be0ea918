"""Three district portals that never existed, for the demo and the tests.

They print what Thọ Xuân, Hoằng Hóa and Vị Thủy printed, in structure, length and quirks; every
person, figure and event in them is invented. Nothing here knows how they are crawled or read.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from crawler.replica.markup.cap_nhat import ViThuy
from crawler.replica.markup.tandan import HoangHoa
from crawler.replica.markup.thanhhoa_web import ThoXuan
from crawler.replica.portal import Changes, Portal, PrintedArticle, ReplicaPortal, Response
from crawler.replica.prose import releases
from crawler.replica.server import PortalServer

__all__ = [
    "SITES_FILE",
    "Changes",
    "Portal",
    "PortalServer",
    "PrintedArticle",
    "ReplicaPortal",
    "Response",
    "build_portals",
    "shared_releases",
    "truth",
]

SITES_FILE = Path(str(files(__package__).joinpath("sites.toml")))


def build_portals(epoch: int = 0) -> Mapping[str, ReplicaPortal]:
    """The three portals by host name, counters at their start. Epoch 1 is a later visit: two new
    articles, one edited, one deleted, one moved on each (`ReplicaPortal.changes`). Raises
    ValueError for any other epoch."""
    return {kind.host: kind(epoch) for kind in (ThoXuan, HoangHoa, ViThuy)}


def truth(portal: ReplicaPortal) -> list[PrintedArticle]:
    """What the portal published, newest first: known, not extracted."""
    return portal.truth()


def shared_releases(portals: Mapping[str, ReplicaPortal]) -> list[tuple[str, str, bool]]:
    """Texts that two portals printed: (URL, URL, whether word for word)."""
    places = {
        (portal.slug, publication.story.key): portal.absolute(publication.paths[0])
        for portal in portals.values()
        for publication in portal.publications
        if publication.story.field == "thongcao"
    }
    return [
        (places[first, release.key], places[second, release.key], not release.edits)
        for release in releases()
        for first, second in (release.sites,)
    ]
