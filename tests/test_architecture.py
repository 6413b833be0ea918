"""One direction of dependency, and no Scrapy for those who only read."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from archive.ingest import ArchiveWriter

REPOSITORY = Path(__file__).parents[1]
FORBIDDEN = {"crawler", "scrapy", "twisted", "parsel", "w3lib", "itemadapter"}


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_the_archive_knows_neither_the_crawler_nor_scrapy() -> None:
    modules = sorted((REPOSITORY / "archive").rglob("*.py"))
    assert len(modules) > 10
    found = {str(path.relative_to(REPOSITORY)): _imported(path) & FORBIDDEN for path in modules}
    assert not {name: bad for name, bad in found.items() if bad}


def test_extraction_is_pure_and_needs_no_scrapy() -> None:
    pure = [
        *sorted((REPOSITORY / "crawler" / "platforms").glob("*.py")),
        *sorted((REPOSITORY / "crawler" / "extraction").glob("*.py")),
    ]
    found = {str(path.relative_to(REPOSITORY)): _imported(path) for path in pure}
    impure = {"scrapy", "twisted", "socket", "sqlite3", "requests", "urllib3", "subprocess"}
    assert not {name: bad & impure for name, bad in found.items() if bad & impure}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["search", "nghi quyet"],
        ["show", "1"],
        ["verify"],
        ["sites"],
        ["export", "jsonl", "x"],
        ["withhold", "1", "--reason", "x", "--by", "x"],
        ["backup", "backup.db"],
        ["health"],
        ["attachments", "--no-ocr"],
    ],
)
def test_commands_that_read_start_without_scrapy(tmp_path: Path, arguments: list[str]) -> None:
    ArchiveWriter.open(tmp_path / "data", "test").close()
    done = subprocess.run(
        [
            *(sys.executable, "-X", "importtime", "-m", "crawler.command"),
            *("--archive", str(tmp_path / "data"), *arguments),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,  # where the file of the export goes
        check=False,
    )
    loaded = set(re.findall(r"\|\s+(\w+)(?:\.[\w.]+)?$", done.stderr, re.MULTILINE))
    assert "Traceback" not in done.stderr
    assert "click" in loaded
    assert not loaded & {"scrapy", "twisted"}
