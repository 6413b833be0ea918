"""What the operator relies on: the line in cron, the watchdog, the metrics, the log, the units."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import click
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from running import REPOSITORY, command, environment, huyen, one, run
from small_portal import ARTICLES, HTML, SmallPortal, write_sites
from test_command import commands, options

from archive.durations import parse_duration
from archive.lock import ArchiveLock
from archive.timestamps import utc_now
from crawler.replica.portal import Response
from crawler.replica.server import PortalServer

OPERATIONS = REPOSITORY / "docs" / "operations.md"
UNITS = REPOSITORY / "docs" / "systemd"
INSTALLED = "/opt/huyen/.venv/bin/huyen"  # where the documentation has the program


class Watchdog:
    """Takes what it is told: path and body of every POST."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.is_well = True

    def respond(self, path: str, headers: object) -> Response:
        return Response(405, {}, b"")

    def post(self, path: str, form: bytes) -> Response:
        self.told.append((path, form.decode()))
        return Response(200 if self.is_well else 503, {}, b"OK")


@dataclass
class Machine:
    """A portal, a watchdog, an archive."""

    server: PortalServer
    folder: Path
    sites: Path
    portal: SmallPortal = field(default_factory=SmallPortal)
    watchdog: Watchdog = field(default_factory=Watchdog)

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def metrics_file(self) -> Path:
        return self.folder / "huyen.prom"

    def crawl(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return huyen(
            *("crawl", "--ping-url", "http://watchdog.example/ping/7c1", *arguments),
            archive=self.archive,
            sites=self.sites,
            proxy=self.server.proxy_url,
        )

    def metrics(self) -> dict[str, Metric]:
        text = self.metrics_file.read_text(encoding="utf-8")
        return {family.name: family for family in text_string_to_metric_families(text)}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with PortalServer({}) as server:
        machine = Machine(server, tmp_path, write_sites(tmp_path, "dong-son"))
        server.portals["dong-son.example"] = machine.portal
        server.portals["watchdog.example"] = machine.watchdog
        yield machine


def crontab() -> tuple[dict[str, str], str]:
    """The variables and the command of the documented crontab."""
    text = OPERATIONS.read_text(encoding="utf-8")
    block = re.search(r"```crontab\n(.*?)```", text, re.DOTALL)
    assert block is not None
    variables, lines = {}, []
    for line in block[1].splitlines():
        if variable := re.fullmatch(r"(\w+)=(.*)", line):
            variables[variable[1]] = variable[2]
        else:
            lines.append(line)
    (line,) = lines
    fields = line.split(None, 5)
    assert all(re.fullmatch(r"[\d*,/-]+", moment) for moment in fields[:5])
    assert "%" not in fields[5], "cron makes line ends of them"
    return variables, fields[5]


def in_cron(machine: Machine) -> subprocess.CompletedProcess[str]:
    """The documented line as cron runs it: `sh -c`, nothing in the environment but cron's own and
    the crontab's, no terminal, the home directory."""
    variables, line = crontab()
    line = line.replace(INSTALLED, shlex.quote(command()[0]))
    line = line.replace("/var/log/huyen", shlex.quote(str(machine.folder)))
    bare = {
        "HOME": str(machine.folder),
        "LOGNAME": "huyen",
        "SHELL": "/bin/sh",
        "PATH": "/usr/bin:/bin",
        **variables,
        "HUYEN_ARCHIVE": str(machine.archive),
        "HUYEN_SITES": str(machine.sites),
        "http_proxy": machine.server.proxy_url,
    }
    assert {"HUYEN_CONTACT", "HUYEN_ARCHIVE"} == variables.keys()
    return subprocess.run(
        ["env", "-i", *(f"{name}={value}" for name, value in bare.items()), "/bin/sh", "-c", line],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=machine.folder,
        check=False,
    )


def test_the_line_for_cron_is_silent_while_all_is_well_and_tells_what_is_not(
    machine: Machine,
) -> None:
    first = in_cron(machine)
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    assert one(machine.archive, "SELECT count(*) FROM articles") == ARTICLES
    assert "Spider closed (finished)" in (machine.folder / "crawl.log").read_text()
    machine.portal.answers["/"] = Response(500, HTML, b"<h1>Server Error</h1>")
    broken = in_cron(machine)
    assert broken.returncode == 3
    assert broken.stdout == ""
    assert re.fullmatch(r"dong-son: unreachable \(home page: .*\n", broken.stderr)


def test_a_run_at_the_same_time_does_nothing_names_the_holder_and_alarms_nobody(
    machine: Machine,
) -> None:
    machine.archive.mkdir()
    lock = ArchiveLock(machine.archive, "huyen crawl", utc_now())
    try:
        done = machine.crawl("--metrics-file", machine.metrics_file)
    finally:
        lock.release()
    assert done.returncode == 75
    assert re.search(r"in use by `huyen crawl` \(pid \d+, since 20", done.stderr)
    assert [path for path, _ in machine.watchdog.told] == ["/ping/7c1/start", "/ping/7c1/log"]
    assert not machine.metrics_file.exists()  # the holder writes its own
    assert not [r for r in machine.server.requests if r.host == "dong-son.example"]


def test_watchdog_and_prometheus_hear_of_a_run_and_of_what_is_wrong(machine: Machine) -> None:
    done = machine.crawl("--metrics-file", machine.metrics_file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.watchdog.told == [("/ping/7c1/start", ""), ("/ping/7c1/0", "")]
    metrics = machine.metrics()
    assert {name: family.type for name, family in metrics.items()} == dict.fromkeys(
        metrics, "gauge"
    )
    assert all(family.documentation for family in metrics.values())
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in metrics.values()
        for sample in family.samples
    }
    assert values["huyen_run_exit_status",] == 0
    assert values["huyen_site_healthy", "dong-son"] == 1
    assert values["huyen_site_verdict", "dong-son", "ok"] == 1
    assert values["huyen_site_articles", "dong-son"] == ARTICLES
    assert values["huyen_site_field_ratio", "dong-son", "published_at"] == 1
    began = values["huyen_run_start_timestamp_seconds",]
    assert 0 < values["huyen_run_end_timestamp_seconds",] - began < 600
    newest = datetime.fromisoformat("2023-03-12T08:22:00+07:00").timestamp()
    assert values["huyen_site_newest_article_timestamp_seconds", "dong-son"] == newest
    stored = one(machine.archive, "SELECT sum(length) FROM warc")
    assert values["huyen_archive_warc_bytes",] == values["huyen_site_warc_bytes", "dong-son"]
    assert values["huyen_archive_warc_bytes",] == stored

    assert huyen("verify", archive=machine.archive).returncode == 0
    machine.portal.answers["/"] = Response(500, HTML, b"<h1>Server Error</h1>")
    broken = machine.crawl("--metrics-file", machine.metrics_file)
    assert broken.returncode == 3
    path, says = machine.watchdog.told[-1]
    assert path == "/ping/7c1/3"
    assert says == broken.stderr.rstrip("\n")
    after = machine.metrics()
    assert after["huyen_run_exit_status"].samples[0].value == 3
    assert after["huyen_site_healthy"].samples[0].value == 0
    assert after["huyen_site_verdict"].samples[0].labels["verdict"] == "unreachable"
    assert {name.split("_")[-1] for name in after} <= {
        *("seconds", "bytes", "ratio", "status", "healthy", "verdict", "requests", "pages"),
        *("articles", "problems"),
    }
    assert documented_metrics() == after.keys()
    leftovers = [path.name for path in machine.folder.glob(".huyen.prom*")]
    assert leftovers == []


def documented_metrics() -> set[str]:
    text = OPERATIONS.read_text(encoding="utf-8")
    section = text.partition("## Prometheus")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(huyen_\w+)", section))
    return named | {f"huyen_site_crawl{tail}" for tail in re.findall(r"`…(_\w+)`", section)}


@pytest.mark.parametrize(
    ("arguments", "status"), [(("dong-sơn",), 2), (("--sites-are-broken",), 2)]
)
def test_the_watchdog_hears_of_a_run_that_could_not_start(
    machine: Machine, arguments: tuple[str, ...], status: int
) -> None:
    if arguments == ("--sites-are-broken",):
        machine.sites.write_text("[dong-son", encoding="utf-8")
        arguments = ()
    done = machine.crawl("--metrics-file", machine.metrics_file, *arguments)
    assert done.returncode == status
    assert [path for path, _ in machine.watchdog.told] == ["/ping/7c1/start", f"/ping/7c1/{status}"]
    assert machine.watchdog.told[-1][1] in done.stderr
    assert machine.metrics()["huyen_run_exit_status"].samples[0].value == status


def test_a_watchdog_that_is_ill_is_logged_and_a_log_does_not_fill_the_disk(
    machine: Machine,
) -> None:
    machine.watchdog.is_well = False
    log = machine.folder / "crawl.log"
    done = machine.crawl("-v", "--log-file", log, "--log-size", "10000", "--log-keep", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    files = sorted(path.name for path in machine.folder.glob("crawl.log*"))
    assert files == ["crawl.log", "crawl.log.1", "crawl.log.2"]
    # A file holds at least one record, however long that is.
    assert sum((machine.folder / name).stat().st_size for name in files) < 60_000
    assert "the watchdog http://watchdog.example/ping/7c1/0 could not be told" in log.read_text()
    done = machine.crawl()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--metrics-file", "/no/such/place/huyen.prom"),
        ("--log-file", "/no/such/place/crawl.log"),
        ("--ping-url", "ftp://watchdog.example/"),
        ("--ping-url", "watchdog"),
        ("--max-time", "soon"),
        ("--max-time", "0s"),
        ("--log-size", "5"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is(
    machine: Machine, arguments: tuple[str, ...]
) -> None:
    done = huyen("crawl", *arguments, archive=machine.archive, sites=machine.sites)
    assert done.returncode == 2
    assert arguments[0] in done.stderr
    assert "Traceback" not in done.stderr
    assert not machine.archive.exists()


def test_a_run_that_has_no_more_time_ends_well_and_the_next_goes_on(machine: Machine) -> None:
    write_sites(machine.folder, "dong-son", delay=0.3)
    done = machine.crawl("--max-time", "3s", "--report")
    assert done.returncode == 0, done.stderr
    assert "the time was up" in done.stdout
    known = one(machine.archive, "SELECT count(*) FROM articles")
    assert known < ARTICLES
    assert one(machine.archive, "SELECT outcome FROM runs") == "done"
    assert machine.watchdog.told[-1][0] == "/ping/7c1/0"
    remembered = one(machine.archive, "SELECT arguments FROM runs")
    assert remembered == '["--max-time", "3s"]'
    write_sites(machine.folder, "dong-son")
    assert machine.crawl().returncode == 0
    assert one(machine.archive, "SELECT count(*) FROM articles") == ARTICLES


def test_a_run_that_is_told_to_stop_saves_what_is_in_flight_and_says_so(machine: Machine) -> None:
    write_sites(machine.folder, "dong-son", delay=0.2)
    process = subprocess.Popen(
        command(
            *("crawl", "--ping-url", "http://watchdog.example/ping/7c1"),
            archive=machine.archive,
            sites=machine.sites,
        ),
        env=environment(http_proxy=machine.server.proxy_url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert machine.portal.waiting.wait(60)  # the first page is being asked for
    process.terminate()
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 143
    assert (said, errors) == ("", "huyen: stopped; what was fetched is saved\n")
    assert machine.watchdog.told[-1][0] == "/ping/7c1/143"
    assert one(machine.archive, "SELECT outcome FROM runs") == "interrupted"
    asked = [seen.path for seen in machine.server.requests if seen.host == "dong-son.example"]
    kept = one(machine.archive, "SELECT count(*) FROM captures WHERE status IS NOT NULL")
    assert kept == len(asked)
    assert huyen("verify", archive=machine.archive).returncode == 0


def test_what_is_due_is_crawled_and_else_nothing_is_done(machine: Machine) -> None:
    first = machine.crawl("--due")
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    assert one(machine.archive, "SELECT count(*) FROM articles") == ARTICLES
    asked = len(machine.server.requests)
    again = machine.crawl("--due", "--json", "--metrics-file", machine.metrics_file)
    assert json.loads(again.stdout) == {"run": None, "status": 0, "stopped_by": None, "sites": []}
    new = [seen.host for seen in machine.server.requests[asked:]]
    assert set(new) == {"watchdog.example"}
    assert one(machine.archive, "SELECT count(*) FROM runs") == 1
    assert machine.metrics()["huyen_site_healthy"].samples[0].value == 1
    with sqlite3.connect(machine.archive / "archive.db") as connection:
        for table in ("walk", "site_run"):  # the machine was off since January
            connection.execute(f"UPDATE {table} SET started_at = '2026-01-01T00:00:00.000000Z'")
    connection.close()
    assert machine.crawl("--due").returncode == 0
    assert one(machine.archive, "SELECT count(*) FROM runs") == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("45m", 2700), ("2h", 7200), ("1h30m", 5400), ("3d", 259_200), ("1.5h", 5400),
     ("2H 10M", 7800)],
)  # fmt: skip
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "90", "h", "-1h", "1h1h", "1w", "0s", "9999999d", "١h", "1e3s"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|unit|too short"):
        parse_duration(text)


# -- units ----------------------------------------------------------------------------------


def units(kind: str) -> list[Path]:
    found = sorted(UNITS.glob(f"*.{kind}"))
    assert len(found) == 2
    return found


def facts(unit: Path) -> dict[str, str]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None and os.environ.get("HUYEN_JUDGES") != "required":
        pytest.skip("systemd-analyze is not here (Debian: systemd)")
    assert analyze is not None
    for unit in (*units("service"), *units("timer")):
        text = unit.read_text(encoding="utf-8").replace(INSTALLED, command()[0])
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_the_units_start_exists(tmp_path: Path) -> None:
    known = commands()
    for unit in units("service"):
        program, name, *arguments = shlex.split(facts(unit)["ExecStart"])
        assert program == INSTALLED
        assert {word for word in arguments if word.startswith("-")} <= options(known[name])
        assert isinstance(known[name], click.Command)
        assert run([*command(name), "--help"]).returncode == 0
    for timer in units("timer"):
        assert timer.with_suffix(".service").is_file()
        assert facts(timer)["Persistent"] == "true"


def test_the_service_for_the_crawl_knows_the_exit_statuses() -> None:
    service = facts(UNITS / "huyen-crawl.service")
    assert service["SuccessExitStatus"] == "75"
    assert service["Type"] == "oneshot"
    assert parse_duration(service["TimeoutStopSec"].replace("min", "m")) >= timedelta(minutes=2)
