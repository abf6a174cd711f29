"""The danger phrases that a practice adds: each is checked before a call is answered with it."""

from __future__ import annotations

from pathlib import Path

from backends.practice import DEMO_PRACTICE, Practice, load_practice
from models.domain import DangerPhrase
from models.errors import SettingsError


def checked_practice(path: Path | None) -> Practice:
    """The practice's file, None for the demo's; raises `SettingsError` naming the first wrong phrase."""
    path = path or DEMO_PRACTICE
    practice = load_practice(path)
    for problem in _problems(practice.danger_phrases):
        raise SettingsError(
            f"{path.name}: danger_phrases{problem}",
            fix=f"Correct or leave out the phrase in {path.name}; docs/safety.md says how they are written.",
        )
    return practice


def _problems(added: tuple[DangerPhrase, ...]) -> tuple[str, ...]:
    """The reader of danger signs is loaded only where there is something to check: callers may wait."""
    if not added:
        return ()
    from agent.danger_phrase_checks import problems

    return problems(added)
