"""Long unchanged stretches of a comparison, folded away around what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.differences import Change, Piece

_KEPT = 1  # paragraphs beside a change that stay in sight
_WORTH = 3  # fewer paragraphs are not folded away


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one piece. ``paragraphs`` is how many it has where it is folded away, else 0."""

    change: Change
    text: str
    paragraphs: int = 0


def folded(pieces: Iterable[Piece]) -> list[Stretch]:
    """The same texts, in the same order; what was kept unchanged and is long in up to three parts. The
    first and the last piece have a change on one side only."""
    whole = list(pieces)
    out = []
    for place, piece in enumerate(whole):
        lines = piece.text.splitlines(keepends=True)
        before = 0 if place == 0 else _KEPT + 1  # the first line ends the paragraph of the change
        after = 0 if place == len(whole) - 1 else _KEPT + 1
        hidden = len(lines) - before - after
        if piece.change is not Change.KEPT or hidden < _WORTH:
            out.append(Stretch(piece.change, piece.text))
            continue
        parts = lines[:before], lines[before : before + hidden], lines[before + hidden :]
        for number, part in enumerate(parts):
            if part:
                count = hidden if number == 1 else 0
                out.append(Stretch(piece.change, "".join(part), count))
    return out
