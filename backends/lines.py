"""Several numbers of one practice: which of them was called."""

from __future__ import annotations

from collections.abc import Sequence

from backends.practice_file import Table
from models.domain import LineMode, PracticeLine
from models.records import TRY_LINE

NAME_LIMIT = 64
LEAST_RING_S, RING_S, MOST_RING_S = 5, 20, 60  # four rings are about twenty seconds


def read_lines(file: Table) -> tuple[PracticeLine, ...]:
    """The ``[[lines]]`` of a ``practice.toml``, the main line first. Raises `SettingsError`."""
    lines = tuple(_line(table) for table in file.tables("lines"))
    if any(len(line.name) > NAME_LIMIT for line in lines):
        raise file.wrong("lines", f"a line's name may have {NAME_LIMIT} letters at most")
    if any(line.name == TRY_LINE for line in lines):
        raise file.wrong("lines", f"no line may be called {TRY_LINE!r}: calls from the console's browser are")
    for key in ("number", "name"):
        values = [getattr(line, key) for line in lines]
        if len(set(values)) < len(values):
            raise file.wrong("lines", f"each line needs a {key} of its own")
    return lines


def _line(table: Table) -> PracticeLine:
    table.only(("number", "name", "greeting", "mode", "ring_s", "rings"))
    modes = tuple(LineMode)
    return PracticeLine(
        table.phone("number"),
        table.text("name"),
        table.text("greeting", ""),
        modes[table.one_of(table.text("mode", LineMode.ALWAYS), "mode", modes)],
        table.number("ring_s", RING_S, least=LEAST_RING_S, most=MOST_RING_S),
        table.phone("rings", ""),
    )


def line_of(lines: Sequence[PracticeLine], called: str, forwarded_from: str) -> PracticeLine | None:
    """The line that the caller dialled, None when it is none of ours.

    A forwarded call was dialled at the number that forwarded it; ``called`` is then where it came out.
    """
    by_number = {line.number: line for line in lines}
    return by_number.get(forwarded_from) or by_number.get(called)
