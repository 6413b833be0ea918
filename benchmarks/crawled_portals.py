"""Which portals a benchmark crawls: the bundled ones, or the copy of a real one in a folder."""

from __future__ import annotations

import argparse
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crawler.replica import SITES_FILE, Portal, Response, build_portals


def with_portals(
    parser: argparse.ArgumentParser,
) -> tuple[argparse.Namespace, Mapping[str, Portal]]:
    """Adds ``--copy``, ``--home`` and ``--sites`` to the options, reads them all, and gives the portals by
    host name."""
    parser.add_argument("--copy", type=Path, metavar="DIR")
    parser.add_argument("--home", metavar="URL")
    parser.add_argument("--sites", type=Path, metavar="FILE", default=SITES_FILE)
    arguments = parser.parse_args()
    if arguments.copy is None:
        return arguments, build_portals()
    if arguments.home is None or arguments.sites == SITES_FILE:
        parser.error("--copy goes with --home and --sites")
    return arguments, {str(urlsplit(arguments.home).hostname): FolderPortal(arguments.copy)}


class FolderPortal:
    """A folder of files as a portal: a page is a file, or a directory with an index.html."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        name = unquote(urlsplit(path).path).strip("/")
        for candidate in (self._folder / name, self._folder / name / "index.html"):
            target = candidate.resolve()
            if target.is_relative_to(self._folder) and target.is_file():
                kind = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
                return Response(200, {"Content-Type": kind}, target.read_bytes())
        return Response(404, {"Content-Type": "text/html"}, b"<h1>404</h1>")
