"""Bad input at the command line: one clear line, the documented exit status, nothing lost."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import click
import pytest
from running import REPOSITORY, huyen
from small_portal import write_sites

from archive.ingest import ArchiveWriter
from crawler.command import COMMANDS, group
from crawler.replica.server import PortalServer


def refused(done: object, status: int, said: str) -> None:
    """One line on standard error that says so, and nothing else."""
    assert done.returncode == status, done  # type: ignore[attr-defined]
    assert said in done.stderr  # type: ignore[attr-defined]
    assert done.stderr.count("\n") == 1, done.stderr  # type: ignore[attr-defined]
    assert done.stdout == ""  # type: ignore[attr-defined]


def test_a_missing_sites_file_is_named(tmp_path: Path) -> None:
    done = huyen("crawl", archive=tmp_path / "a", sites=tmp_path / "none.toml")
    refused(done, 2, f"{tmp_path / 'none.toml'}: no such file")


def test_a_broken_sites_file_is_named_with_its_line(tmp_path: Path) -> None:
    sites = tmp_path / "sites.toml"
    sites.write_text('[dong-son]\nname = "Huyện\n', encoding="utf-8")
    refused(huyen("crawl", archive=tmp_path / "a", sites=sites), 2, "line 2")


def test_an_unknown_key_is_named_with_file_and_table(tmp_path: Path) -> None:
    sites = write_sites(tmp_path, "dong-son")
    sites.write_text(sites.read_text() + "hom = 'x'\n")
    done = huyen("sites", archive=tmp_path / "a", sites=sites)
    refused(done, 2, f"{sites}: [dong-son] hom: unknown key; did you mean 'home'?")


def test_an_unknown_site_is_refused_and_no_archive_is_made(tmp_path: Path) -> None:
    sites = write_sites(tmp_path, "dong-son")
    done = huyen("crawl", "dong-sơn", archive=tmp_path / "a", sites=sites)
    refused(done, 2, "unknown site 'dong-sơn'")
    assert not (tmp_path / "a").exists()


def test_the_shipped_sites_are_used_wherever_one_stands(tmp_path: Path) -> None:
    write_sites(tmp_path, "dong-son")  # a sites.toml of the working directory, not asked for
    done = huyen("sites", cwd=tmp_path)
    assert done.returncode == 0
    assert "krong-no" in done.stdout
    assert "dong-son" not in done.stdout


def test_an_archive_that_is_a_file_is_refused(tmp_path: Path) -> None:
    sites = write_sites(tmp_path, "dong-son")
    (tmp_path / "a").write_text("x")
    refused(huyen("crawl", archive=tmp_path / "a", sites=sites), 1, "not a directory")
    assert (tmp_path / "a").read_text() == "x"


def test_an_archive_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    sites = write_sites(tmp_path, "dong-son")
    (tmp_path / "file").write_text("x")
    done = huyen("crawl", archive=tmp_path / "file" / "a", sites=sites)
    refused(done, 1, str(tmp_path / "file" / "a"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_archive_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    sites = write_sites(tmp_path, "dong-son")
    (tmp_path / "a").mkdir(mode=0o500)
    refused(huyen("crawl", archive=tmp_path / "a", sites=sites), 1, "cannot be written")


def test_an_archive_of_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    ArchiveWriter.open(tmp_path / "a", "test").close()
    with closing(sqlite3.connect(tmp_path / "a" / "archive.db")) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES ('huyen', 'm9999_later', '')"
        )
    sites = write_sites(tmp_path, "dong-son")
    for arguments in (("crawl",), ("search", "x"), ("show", "1"), ("verify",), ("reextract",)):
        done = huyen(*arguments, archive=tmp_path / "a", sites=sites)
        refused(done, 1, "newer version of huyen")


def test_a_file_that_is_no_archive_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"not a database, and longer than a header" * 10)
    sites = write_sites(tmp_path, "dong-son")
    for arguments in (("crawl",), ("search", "x"), ("verify",)):
        refused(huyen(*arguments, archive=tmp_path, sites=sites), 1, "not an SQLite database")
    assert (tmp_path / "archive.db").read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("arguments", [("search", "x"), ("show", "1"), ("verify",), ("reextract",)])
def test_no_archive_yet_is_said(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    sites = write_sites(tmp_path, "dong-son")
    done = huyen(*arguments, archive=tmp_path / "none", sites=sites)
    refused(done, 1, "here is no archive in")
    assert not (tmp_path / "none").exists()


def test_an_unknown_article_is_said(tmp_path: Path) -> None:
    ArchiveWriter.open(tmp_path / "a", "test").close()
    refused(huyen("show", "77", archive=tmp_path / "a"), 1, "77")


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with PortalServer({}) as holder:
        done = huyen("demo", "--port", str(holder.port), archive=tmp_path / "a", cwd=tmp_path)
    assert done.returncode == 1
    assert f"port {holder.port}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_demo_does_not_touch_an_archive_that_is_no_demo(tmp_path: Path) -> None:
    ArchiveWriter.open(tmp_path / "a", "test").close()
    done = huyen("demo", "--no-serve", archive=tmp_path / "a")
    refused(done, 1, "is no demo")
    assert (tmp_path / "a" / "archive.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [("crwl",), ("crawl", "--fulll"), ("verify", "--sample", "0"), ("show", "x"), ("search",)],
)
def test_wrong_usage_has_status_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ArchiveWriter.open(tmp_path / "a", "test").close()
    done = huyen(*arguments, archive=tmp_path / "a")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_reader_of_the_output_may_leave_early(tmp_path: Path) -> None:
    import subprocess
    import sys

    line = f"{sys.executable} -m crawler.command crawl --help | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, cwd=REPOSITORY, check=False
    )
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def commands() -> dict[str, click.Command]:
    """Every command by what is typed: ``crawl``, ``sites``, ``sites add``."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                subcommand = command.get_command(context, inner)
                assert subcommand is not None
                found[f"{name} {inner}"] = subcommand
    return found


def sections() -> dict[str, str]:
    """What docs/commands.md says of each command, without what it says of subcommands."""
    documentation = (REPOSITORY / "docs" / "commands.md").read_text(encoding="utf-8")
    found = re.findall(
        r"^###? huyen ((?:[a-z]+ ?)+)(.*?)(?=^##|\Z)", documentation, re.MULTILINE | re.DOTALL
    )
    return {name.strip(): section for name, section in found}


def options(command: click.Command) -> set[str]:
    return {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


def test_every_command_and_option_is_documented() -> None:
    documented = sections()
    missing = [f"huyen {name}" for name in commands() if name not in documented]
    for name, command in commands().items():
        section = documented.get(name, "")
        missing += [
            f"huyen {name} {option}" for option in options(command) if f"`{option}" not in section
        ]
    assert not missing


def test_every_documented_command_and_option_exists() -> None:
    known = commands()
    assert "sites add" in known
    for name, section in sections().items():
        assert name in known
        documented = set(re.findall(r"^\| `(--[\w-]+)", section, re.MULTILINE))
        assert documented <= options(known[name]) | {"--help"}, name
