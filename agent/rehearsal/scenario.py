"""Scenarios: who calls, what for, in which manner, and what must be true afterwards. A theme a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from agent.local_server import DEMO_NOW
from agent.rehearsal.facts import Facts, check_kind, demo_patient, facts_of
from agent.rehearsal.warnings import KINDS
from models.errors import SettingsError

VOICES = ("plain", "terse", "rambling", "confused", "elderly", "hostile", "non_native", "proxy")
HABITS = (
    *("confused", "changes_mind", "answers_another", "silent", "interrupts", "fillers", "keypad"),
    *("over_answers", "asks_again"),
)
MANNERS = tuple(dict.fromkeys((*VOICES, *HABITS)))
MAX_TURNS = 22
WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Aside:
    """Said once in place of an answer, when a topic is asked: "open" the first sentence, "any" the second."""

    at: str
    say: str = ""
    keys: str = ""  # pressed
    answers: bool = False  # the topic counts as answered by it
    wants_person: bool = False  # it asks for a person
    danger: bool = False  # it tells of a danger


@dataclass(frozen=True, slots=True)
class Expected:
    """What the call leaves behind. What is not named must be as it was before the call.

    ``tasks``: kinds; "a|b" either, "a?" may be missing. ``booked`` and the like: tables of what must fit.
    """

    identity: str = ""  # "" any
    disposition: tuple[str, ...] = ()
    refills: tuple[Mapping[str, Any], ...] = ()
    booked: tuple[Mapping[str, Any], ...] = ()
    moved: int = 0
    cancelled: int = 0
    tasks: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    waitlist: int = 0
    transferred: bool | None = None  # None: either
    warned: str = ""  # "911", "988", "poison", "nurse": in the reply to the danger
    max_turns: int = MAX_TURNS


@dataclass(frozen=True, slots=True)
class Setup:
    """What is in the chart besides the demo: visits already booked, a slow or dead backend."""

    visits: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    theme: str
    patient: str  # the demo patient it is about; "" is nobody's
    number: str  # E.164, "" withheld
    goals: tuple[str, ...]
    manner: tuple[str, ...]
    facts: Facts
    expect: Expected
    opening: str = ""  # the first sentence, instead of the grammar's
    asides: tuple[Aside, ...] = ()
    forbid: tuple[str, ...] = ()  # regular expressions that no reply may match
    now: str = DEMO_NOW
    setup: Setup = field(default_factory=Setup)
    after_freeze: bool = False  # written when the flows no longer changed
    audio: bool = True  # makes sense by voice
    note: str = ""


def default_folder() -> Path:
    """The checkout's scenarios. Raises SettingsError where the program runs without its checkout."""
    folder = Path(__file__).resolve().parents[2] / "tests" / "callers" / "scenarios"
    if not folder.is_dir():
        raise SettingsError(
            "no scenarios are here: they come with the source code", fix="Name their folder: --scenarios DIR."
        )
    return folder


def read_folder(folder: Path) -> tuple[Scenario, ...]:
    """All scenarios of a folder, by file. Raises SettingsError naming file, scenario and key."""
    found = [one for path in sorted(folder.glob("*.toml")) for one in read_file(path)]
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"two scenarios are called {twice[0]!r}", fix="Give one of them another name.")
    if not found:
        raise SettingsError(f"no scenarios in {folder}", fix="Name a folder with *.toml files of scenarios.")
    return tuple(found)


def read_file(path: Path) -> tuple[Scenario, ...]:
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SettingsError(f"{path} cannot be read: {problem}", fix="Correct it where it says.") from problem
    theme = str(table.get("theme", path.stem))
    return tuple(_scenario(path, theme, one) for one in table.get("scenario", ()))


def _scenario(path: Path, theme: str, table: Mapping[str, Any]) -> Scenario:
    name = str(table.get("name", ""))
    try:
        return _made(theme, dict(table))
    except (SettingsError, KeyError, TypeError, ValueError) as problem:
        raise SettingsError(
            f"{path.name}, scenario {name!r}: {problem}", fix="tests/callers/README.md lists all keys."
        ) from problem


def _made(theme: str, table: dict[str, Any]) -> Scenario:
    patient = table.pop("patient", "")
    facts = facts_of(patient, table.pop("facts", {}))
    goals = table.pop("goal")
    return Scenario(
        name=table.pop("name"),
        theme=theme,
        patient=patient,
        number=_number(table.pop("number", "on file"), patient),
        goals=(goals,) if isinstance(goals, str) else tuple(goals),
        manner=_manner(table.pop("manner", ["plain"])),
        facts=facts,
        expect=_expected(table.pop("expect", {})),
        asides=tuple(_of(Aside, one) for one in table.pop("asides", ())),
        forbid=tuple(table.pop("forbid", ())),
        setup=_of(Setup, table.pop("setup", {})),
        **table,
    )


def _expected(table: Mapping[str, Any]) -> Expected:
    expected: Expected = _of(Expected, table)
    for one in fields(Expected):
        if one.name in table and isinstance(one.default, int | str):
            check_kind(one.name, getattr(expected, one.name), one.default)
    if expected.warned and expected.warned not in KINDS:
        raise SettingsError(f"warned = {expected.warned!r} is none", fix=f"One of: {', '.join(KINDS)}.")
    return expected


def _of(kind: type[Any], table: Mapping[str, Any]) -> Any:
    known = {one.name for one in fields(kind)}
    if unknown := sorted(set(table) - known):
        raise SettingsError(f"unknown key {unknown[0]!r}", fix=f"Keys are: {', '.join(sorted(known))}.")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})


def _number(text: str, patient: str) -> str:
    if text == "on file":
        return str(demo_patient(patient).get("phone", "")) if patient else ""
    return "" if text == WITHHELD else text


def _manner(words: Sequence[str] | str) -> tuple[str, ...]:
    manner = (words,) if isinstance(words, str) else tuple(words)
    if unknown := sorted(set(manner) - set(MANNERS)):
        raise SettingsError(f"unknown manner {unknown[0]!r}", fix=f"Manners are: {', '.join(MANNERS)}.")
    return manner
