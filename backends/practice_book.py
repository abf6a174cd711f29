"""The practice as its newest settings say: what the file says, and over it what staff have changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlmodel import Session

from backends.practice import Practice, practice_from, read_document
from backends.practice_sections import SECTIONS, part_of, practice_with
from models.errors import SettingsError
from models.practice import Body, newest_versions, setting


def as_it_is(practice: Practice) -> Practice:
    return practice


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored setting that this version of the program cannot read: the file's counts instead."""

    key: str
    version: int
    problem: str


class PracticeBook:
    """Shared by all of a process. `practice` is a snapshot; `live` answers from the newest one.

    ``adjust``: what the installation's own settings change in every version.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        name: str,
        adjust: Callable[[Practice], Practice] = as_it_is,
    ) -> None:
        self.document, self._name, self._adjust = document, name, adjust
        self.practice = adjust(practice_from(document, name))
        self.versions: dict[str, int] = {}
        self.unreadable: tuple[Unreadable, ...] = ()

    @classmethod
    def of_file(cls, path: Path, adjust: Callable[[Practice], Practice] = as_it_is) -> PracticeBook:
        """Raises `SettingsError` naming what is wrong in the file."""
        return cls(read_document(path), path.name, adjust)

    @property
    def live(self) -> Practice:
        """A practice that is always the newest one: for parts that are made once and live long."""
        return cast(Practice, _Live(self))

    def part_of_file(self, key: str) -> Body:
        return part_of(self.document, key)

    def take_up(self, session: Session) -> bool:
        """Read what has changed since it was last asked; whether anything had. One short query when not."""
        versions = {key: number for key, number in newest_versions(session).items() if key in SECTIONS}
        if versions == self.versions:
            return False
        bodies = {key: row.body for key in versions if (row := setting(session, key))}
        unreadable = tuple(self._unreadable(bodies, versions))
        wrong = {each.key for each in unreadable}
        parts = {key: body for key, body in bodies.items() if key not in wrong}
        self.practice = self._adjust(practice_with(self.document, parts, self._name))
        self.versions, self.unreadable = versions, unreadable
        return True

    def _unreadable(self, bodies: Mapping[str, Body], versions: Mapping[str, int]) -> list[Unreadable]:
        found = []
        for key, body in bodies.items():
            try:
                practice_with(self.document, {key: body}, self._name)
            except SettingsError as problem:
                found.append(Unreadable(key, versions[key], str(problem)))
        return found


class _Live:
    """Forwards everything to the newest practice, so that nobody keeps an old one."""

    def __init__(self, book: PracticeBook) -> None:
        self._book = book

    def __getattr__(self, name: str) -> Any:
        return getattr(self._book.practice, name)
