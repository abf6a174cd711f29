"""What a settings form is made of: fields, groups of them, and one section for each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    LONG = "long"
    PHONE = "phone"
    EMAIL = "email"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    LINES = "lines"  # a text each line
    SPANS = "spans"  # pairs of times
    CHOICE = "choice"
    DAYS = "days"  # some of the options, in their order
    ORDER = "order"  # some of the options, in the order in which they are chosen
    FIXED = "fixed"  # shown, and sent back as it was


LISTS = (Kind.LINES, Kind.SPANS, Kind.DAYS, Kind.ORDER)


@dataclass(frozen=True, slots=True)
class Field:
    """``default``: what counts where nothing is written; ``spans``: pairs of times to offer at least."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    default: object = ""
    spans: int = 2

    @property
    def nothing(self) -> object:
        """The value that need not be kept."""
        if self.kind is Kind.FLAG:
            return bool(self.default)
        return [] if self.kind in LISTS else self.default


@dataclass(frozen=True, slots=True)
class Group:
    """One table of the practice's file. ``repeated``: there may be any number of entries, each told by its
    field ``identity``; ``spare`` empty ones are offered; ``folded`` ones open when they are needed.
    """

    key: str
    title: str
    fields: tuple[Field, ...]
    one: str = ""  # what an entry is called
    repeated: bool = True
    identity: str = ""
    spare: int = 1
    folded: bool = True
    fixed: bool = False  # none can be added or removed
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    what: str
    groups: tuple[Group, ...]
    after: str = ""  # what else staff should know when they change it

    def group(self, key: str) -> Group | None:
        return next((group for group in self.groups if group.key == key), None)


def choices(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Options that are called what they are."""
    return tuple((word, word.capitalize()) for word in words)
