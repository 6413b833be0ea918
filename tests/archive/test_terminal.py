"""Text for a terminal: nothing of a portal may reach the terminal as a command."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.snippets import Marked
from archive.terminal import Terminal, day, printable

PLAIN, COLOURED = Terminal(), Terminal(colour=True)


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "72")


def test_colour_only_on_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Terminal.of(Screen()) == Terminal(72, colour=True)
    assert Terminal.of(io.StringIO()) == Terminal(80, colour=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Terminal.of(Screen()).colour
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("TERM", "dumb")
    assert not Terminal.of(Screen()).colour


@pytest.mark.parametrize(("columns", "width"), [("10", 40), ("72", 72), ("300", 100)])
def test_lines_stay_readable(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert Terminal.of(Screen()).width == width


HOSTILE = "Họp\x1b[2J\x1b]0;x\x07 \x9b31m\u202egnp.exe\u2066\r\ud800\x00"


def test_controls_and_direction_overrides_are_shown_not_obeyed() -> None:
    assert printable("Nghị quyết\n35\t!") == "Nghị quyết\n35\t!"
    assert not set(printable(HOSTILE)) & set("\x1b\x07\x9b\u202e\u2066\r\ud800\x00")
    assert printable(HOSTILE).startswith("Họp�[2J")


@given(st.text() | st.just(HOSTILE))
def test_no_method_lets_an_escape_through(text: str) -> None:
    marked = Marked(text, ((0, min(3, len(text))),) if text else ())
    for out in (
        PLAIN.strong(text),
        PLAIN.quiet(text),
        PLAIN.good(text),
        PLAIN.bad(text),
        PLAIN.removed(text),
        PLAIN.added(text),
        PLAIN.marked(marked),
        PLAIN.field("x", text),
        PLAIN.table(["x"], [[text]]),
    ):
        assert out == printable(out)
        out.encode()


def test_matches_are_marked_with_and_without_colour() -> None:
    text = Marked("Họp thôn mới", ((4, 8),))
    assert PLAIN.marked(text) == "Họp «thôn» mới"
    assert COLOURED.marked(text) == "Họp \x1b[33m\x1b[1mthôn\x1b[0m mới"


def test_a_change_can_be_read_with_and_without_colour() -> None:
    assert PLAIN.removed("cũ") + PLAIN.added("mới") == "[-cũ-]{+mới+}"
    assert COLOURED.removed("cũ") == "\x1b[31m[-cũ-]\x1b[0m"


def test_wrapping_does_not_count_colour() -> None:
    words = [f"từ{i}" for i in range(60)]
    plain = Terminal(40).wrapped(" ".join(words), 3, "1.")
    coloured = Terminal(40, colour=True).wrapped(
        " ".join(COLOURED.removed(w).replace("[-", "").replace("-]", "") for w in words), 3, "1."
    )
    assert coloured.replace("\x1b[31m", "").replace("\x1b[0m", "") == plain
    assert plain.startswith("1. từ0 từ1")
    assert all(len(line) <= 40 for line in plain.splitlines())
    assert all(line.startswith("   từ") for line in plain.splitlines()[1:])


def test_long_addresses_stay_whole() -> None:
    url = "https://a.example/" + "x" * 100 + "-y"
    assert url in Terminal(40).wrapped(f"Xem {url} nhé")


def test_a_table_is_aligned() -> None:
    assert PLAIN.table(["Số", "Tên"], [["1", "Họp\nthôn"], ["10", "Hết"]]).splitlines() == [
        "Số  Tên",
        "1   Họp thôn",
        "10  Hết",
    ]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2021-01-14T08:35:02+07:00", "2021-01-14 08:35"),
        ("2021-01-14", "2021-01-14"),
        ("2026-11-21T20:06:03.123456Z", "2026-11-21 20:06 UTC"),
        (None, "no date"),
        ("", "no date"),
    ],
)
def test_times(stored: str | None, shown: str) -> None:
    assert day(stored) == shown
