"""Forms of the note's lines: how a line begins, what must have been done in its turn, what else must hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ehr_writeback.evidence import Evidence

Holds = Callable[[re.Match[str], Any, Any, Evidence, int], bool]
_TAGGED = re.compile(r"(.+) \[t(\d+)\]")


@dataclass(frozen=True, slots=True)
class Form:
    """``holds`` is asked with the line's parts, the action, its result, the evidence and the turn."""

    text: re.Pattern[str]
    action: type
    result: type | tuple[type, ...]
    holds: Holds


def form(text: str, action: type, result: type | tuple[type, ...], holds: Holds = lambda *_: True) -> Form:
    return Form(re.compile(text), action, result, holds)


def tagged(line: str) -> tuple[str, int] | None:
    """A line without its last tag, and the turn that it names."""
    found = _TAGGED.fullmatch(line)
    return (found[1], int(found[2])) if found else None


def any_holds(forms: tuple[Form, ...], line: str, seen: Evidence) -> bool:
    """Whether one action of the line's turn bears out all that a form of it says."""
    if (parts := tagged(line)) is None:
        return False
    text, number = parts
    return any(
        isinstance(done.action, each.action)
        and isinstance(done.result, each.result)
        and each.holds(found, done.action, done.result, seen, number)
        for each in forms
        if (found := each.text.fullmatch(text))
        for done in seen.done_in(number)
    )
