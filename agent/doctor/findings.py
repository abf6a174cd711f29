"""What an examination finds: an outcome, a detail, and what to do about it. Nothing here holds a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.settings import Settings
from models.errors import FirstringError


class Outcome(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, and somebody should know
    FAIL = "FAIL"  # calls are not served, or not safely
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    outcome: Outcome
    detail: str
    fix: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"check": self.check, "outcome": self.outcome.value, "detail": self.detail, "fix": self.fix}


def ok(check: str, detail: str) -> Finding:
    return Finding(check, Outcome.OK, detail)


def warn(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, Outcome.WARN, detail, fix)


def fail(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, Outcome.FAIL, detail, fix)


def not_checked(check: str, why: str) -> Finding:
    return Finding(check, Outcome.NOT_CHECKED, why)


def failed(check: str, problem: FirstringError) -> Finding:
    return fail(check, str(problem), problem.fix)


Examine = Callable[[Settings], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One examination, and the settings whose wrong value it finds."""

    name: str
    covers: tuple[str, ...]
    examine: Examine

    def findings(self, chosen: Settings) -> list[Finding]:
        """Never raises: an examination that breaks is a finding too."""
        found: list[Finding] = []
        try:
            found += self.examine(chosen)
        except FirstringError as problem:
            found.append(failed(self.name, problem))
        except Exception as problem:  # its text may quote a password: only the kind is shown
            found.append(not_checked(self.name, f"the examination itself broke: {type(problem).__name__}"))
        return found
