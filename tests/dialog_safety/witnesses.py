"""The sentences that notice a change of the screen, each with what the tests hold it to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from dialog.safety import Assessment, assess
from dialog.safety.matching import Concern, Sign
from dialog.safety.screen import _assessment, matcher  # the harness looks inside on purpose
from dialog.safety.text import spoken
from tests.dialog_safety.everyday import EVERYDAY
from tests.dialog_safety.further_positives import FURTHER
from tests.dialog_safety.negatives import NEGATIVES
from tests.dialog_safety.positives import POSITIVES
from tests.dialog_safety.statements import STATEMENTS
from tests.dialog_safety.told import TOLD
from tests.safety_sets.score import Scored, has_right_flag, is_caught
from tests.safety_sets.sets import (
    SECOND_NEGATIVES,
    SECOND_POSITIVES,
    Danger,
    read_negatives,
    read_positives,
)

Verdict = tuple[bool, ...]  # each True is held by a test, each False may become True


@dataclass(eq=False)
class Witness:
    """A sentence, and what it is held to.

    ``danger``  it must be caught and keep its right flag; ``flag_id`` must be raised; ``whole`` must be
    the answer, ``due`` the answer or among what is raised. With none of them it must raise and ask no
    more than it does.
    """

    text: str
    danger: Danger | None = None
    flag_id: str = ""
    whole: str = ""
    due: str = ""
    _held: Verdict = field(init=False)

    def __post_init__(self) -> None:
        self._held = self._verdict(assess([self.text]))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(spoken(self.text).words)

    @cached_property
    def signed(self) -> list[tuple[Sign, Concern]]:
        return matcher().signed(self.text)

    def without(self, sign: Sign) -> Assessment:
        """What the screen finds when this one phrase is not in the catalogue."""
        return _assessment([concern for one, concern in self.signed if one is not sign])

    def notices(self, found: Assessment) -> bool:
        """Whether something that held no longer does."""
        return any(held and not now for held, now in zip(self._held, self._verdict(found), strict=True))

    def _verdict(self, found: Assessment) -> Verdict:
        if self.whole:
            return (answer(found) == self.whole,)
        if self.due:
            return (is_due(self.due, found),)
        if self.flag_id:
            return (any(flag.red_flag_id == self.flag_id for flag in found.raised),)
        if self.danger is not None:
            scored = Scored(self.danger, found)
            return is_caught(scored), has_right_flag(scored)
        return found.flag is None, found.flag is None and found.doubt is None


def answer(found: Assessment) -> str:
    """The whole answer in words: "RF01 urgent, asks RF01", "asks RF01", "silent"."""
    flag, doubt = found.flag, found.doubt
    parts = [f"{flag.red_flag_id} {flag.disposition}"] if flag else []
    parts += [f"asks {doubt.id}"] if doubt else []
    return ", ".join(parts) or "silent"


def is_due(due: str, found: Assessment) -> bool:
    """Whether ``due`` is the whole answer, or is raised among others: "RF01 urgent"."""
    return due == answer(found) or due in {f"{flag.red_flag_id} {flag.disposition}" for flag in found.raised}


def witnesses() -> tuple[Witness, ...]:
    """Every sentence of the frozen sets and of this folder's tables."""
    frozen = (*read_positives(), *read_positives(SECOND_POSITIVES))
    dangers = [Witness(danger.text, danger=danger) for danger in frozen]
    tables = [*POSITIVES.items(), *FURTHER.items()]
    raised = [Witness(text, flag_id=flag_id) for flag_id, texts in tables for text in texts]
    said = [Witness(text, whole=expected) for expected, text in STATEMENTS]
    told = [Witness(text, due=due) for rows in TOLD.values() for due, text in rows]
    left_alone = (*read_negatives(), *read_negatives(SECOND_NEGATIVES))
    harmless = [Witness(text) for text in (*(one.text for one in left_alone), *NEGATIVES, *EVERYDAY)]
    return (*dangers, *raised, *said, *told, *harmless)
