"""The practice as its newest settings say: what the file says, and over it what staff have changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from backends.practice import Practice, practice_from, read_document
from backends.practice_sections import SECTIONS, part_of, practice_with
from models.errors import SettingsError
from models.practice import Body, newest_versions, setting


def as_it_is(practice: Practice) -> Practice:
    return practice


def as_read(_practice: Practice) -> None:
    """What can be read is good."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored setting that this version of the program cannot read: the file's counts instead."""

    key: str
    version: int
    problem: str


class PracticeBook:
    """Shared by all of a process. `practice` is a snapshot; `live` answers from the newest one.

    ``adjust``: what the installation's own settings change in every version. ``check`` raises for what calls
    could not be led with; a stored setting that it refuses counts as unreadable.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        name: str,
        adjust: Callable[[Practice], Practice] = as_it_is,
        check: Callable[[Practice], None] = as_read,
    ) -> None:
        self.document, self._name, self._adjust, self._check = document, name, adjust, check
        self.practice = adjust(practice_from(document, name))
        self.versions: dict[str, int] = {}
        self.unreadable: tuple[Unreadable, ...] = ()

    @classmethod
    def of_file(
        cls,
        path: Path,
        adjust: Callable[[Practice], Practice] = as_it_is,
        check: Callable[[Practice], None] = as_read,
    ) -> PracticeBook:
        """Raises `SettingsError` naming what is wrong in the file."""
        return cls(read_document(path), path.name, adjust, check)

    @property
    def live(self) -> Practice:
        """A practice that is always the newest one: for parts that are made once and live long."""
        return cast(Practice, _Live(self))

    def part_of_file(self, key: str) -> Body:
        return part_of(self.document, key)

    def take_up(self, session: Session, newest: Mapping[str, int] | None = None) -> bool:
        """Read what has changed since it was last asked; whether anything had.

        ``newest``: of every setting the version, where it is known already.
        """
        newest = newest_versions(session) if newest is None else newest
        versions = {key: number for key, number in newest.items() if key in SECTIONS}
        if versions == self.versions:
            return False
        parts: dict[str, Body] = {}
        problems = {key: self._take_part(session, key, parts) for key in versions}
        unreadable = [Unreadable(key, versions[key], problem) for key, problem in problems.items() if problem]
        self.practice = self._adjust(practice_with(self.document, parts, self._name))
        self.versions, self.unreadable = versions, tuple(unreadable)
        return True

    def _take_part(self, session: Session, key: str, parts: dict[str, Body]) -> str:
        """Add a setting to ``parts`` where it can be read beside them, else say why it cannot.

        Whatever is wrong with one: callers go on being answered. A database that fails is another matter.
        """
        try:
            row = setting(session, key)
            body = row.body if row else {}
            self._check(practice_with(self.document, {**parts, key: body}, self._name))
        except SQLAlchemyError:
            raise
        except SettingsError as problem:
            return str(problem)
        except Exception as problem:  # of another shape, or sealed with another key
            return f"it cannot be read ({type(problem).__name__})"
        parts[key] = body
        return ""


class _Live:
    """Forwards everything to the newest practice, so that nobody keeps an old one."""

    def __init__(self, book: PracticeBook) -> None:
        self._book = book

    def __getattr__(self, name: str) -> Any:
        return getattr(self._book.practice, name)
