"""Adding a table to sites.toml, so that nothing else in the file changes and it is never half-written."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from archive.database import sync_directory
from archive.errors import HuyenError, UsageError
from archive.urls import host_of
from crawler.sites import DEFAULT_DELAY, Site, load_sites
from crawler.survey.site_survey import relative


def known_sites(path: Path) -> Mapping[str, Site]:
    """The sites of a file that a table is to be added to, which may hold none yet. Raises
    UsageError for a file that is missing, broken, or cannot be replaced."""
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a file that a table can be added to")
    try:
        if path.is_file() and tomllib.loads(path.read_text(encoding="utf-8")) == {}:
            return {}
    except (OSError, ValueError):
        pass  # load_sites says what is wrong
    sites = load_sites(path)
    directory = path.resolve().parent
    if not (os.access(path, os.W_OK) and os.access(directory, os.W_OK)):
        raise UsageError(f"{path}: may not be written")
    return sites


def require_new(sites: Mapping[str, Site], path: Path, home: str, slug: str) -> None:
    """Raises UsageError where a site has this address or this slug (empty: not known yet)."""
    host = host_of(home)
    for site in sites.values():
        if host in site.all_hosts and _path(site.home) == _path(home):
            raise UsageError(f"{path}: [{site.slug}] has this address already: {site.home}")
    if slug in sites:
        raise UsageError(
            f"{path}: [{slug}] is there already, {sites[slug].name} at {sites[slug].home}; "
            f"name the new one with --slug, for example {slug}-2"
        )


def _path(url: str) -> str:
    return url.split("/", 3)[3].rstrip("/") if url.count("/") > 2 else ""


def table_of(site: Site, remarks: Sequence[str]) -> str:
    """The table as it stands in the file; ``remarks`` become comments above its keys."""
    lines = [f"[{site.slug}]", *(f"# {remark}" for remark in remarks)]
    lines += [f"{key} = {_quoted(getattr(site, key))}" for key in ("name", "province", "home")]
    if site.platform:
        lines.append(f"platform = {_quoted(site.platform)}")
    if site.sections:
        written = (f"  {_quoted(relative(section, site.home))}," for section in site.sections)
        lines += ["sections = [", *written, "]"]
    if site.rhythm is not None:
        lines.append(f"rhythm = {site.rhythm}")
    if site.pace.delay > DEFAULT_DELAY:
        lines.append(f"pace = {{ delay = {site.pace.delay} }}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes the same characters, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def append_table(path: Path, site: Site, remarks: Sequence[str] = ()) -> None:
    """Appends the table of ``site``. The new file is read as a sites file before it takes the
    place of the old one, in one step; what was there stays byte for byte.

    Raises UsageError where the whole would not be a valid sites file, HuyenError where the disk
    refuses.
    """
    target = path.resolve()
    temporary = None
    try:
        old = target.read_bytes()
        gap = b"" if not old else b"\n" if old.endswith(b"\n") else b"\n\n"
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".toml", dir=target.parent
        )
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(old + gap + table_of(site, remarks).encode())
            file.flush()
            os.fsync(file.fileno())
        if load_sites(temporary).get(site.slug) != site:
            raise HuyenError(f"{path}: [{site.slug}] would not read back as it was written")
        shutil.copymode(target, temporary)
        temporary.replace(target)
        sync_directory(target.parent)
    except UsageError as error:
        raise UsageError(str(error).replace(str(temporary), str(path))) from None
    except OSError as error:
        raise HuyenError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                temporary.unlink()
