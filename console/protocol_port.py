"""What the protocol pages need of other stages: the check-ins as they stand, and the checks of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its other words, and what may be answered."""

    name: str
    text: str
    again: tuple[str, ...]
    answers: str
    only_when: str


@dataclass(frozen=True, slots=True)
class Rule:
    when: str
    disposition: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckinProtocol:
    """``digest`` stands for every word and rule of it: a signature covers that and nothing else.

    ``runs``: whether patients are asked by it now; ``state`` says why, or why not.
    """

    name: str
    title: str
    version: str
    digest: str
    source: str
    signed_by: str
    signed_on: str
    runs: bool
    state: str
    opening: tuple[str, ...]
    questions: tuple[Asked, ...]
    rules: tuple[Rule, ...]
    document: Document


class Protocols(Protocol):
    def known(self) -> Sequence[CheckinProtocol]:
        """All, by name."""

    def read(self, text: str) -> tuple[Document, Sequence[str]]:
        """A FHIR Questionnaire as JSON, without a signature, and all that speaks against taking it."""

    def sentences(self, document: Document) -> Mapping[str, str]:
        """What it says, by question and place, for telling two versions apart."""

    def refill_rules(self) -> Sequence[tuple[str, str]]:
        """What the refill rules ask, by what or of which class of medicine."""

    def languages(self) -> str:
        """Whether wordings in other languages are spoken, and who signed them."""

    async def changed(self) -> None:
        """Something was taken or signed: it counts from now on."""
