"""The danger phrases that a practice adds: each is checked before a call is answered with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from backends.practice import DEMO_PRACTICE, Practice
from backends.practice_book import PracticeBook, as_it_is
from models.domain import DangerPhrase
from models.errors import SettingsError


def checked_practice(path: Path | None) -> Practice:
    """The practice's file, None for the demo's; raises `SettingsError` naming the first wrong phrase."""
    return checked_book(path).practice


def checked_book(path: Path | None, adjust: Callable[[Practice], Practice] = as_it_is) -> PracticeBook:
    """The same as what staff's settings are laid over."""
    path = path or DEMO_PRACTICE
    book = PracticeBook.of_file(path, adjust, can_screen)
    for problem in problems_of(book.practice.danger_phrases):
        raise SettingsError(
            f"{path.name}: danger_phrases{problem}",
            fix=f"Correct or leave out the phrase in {path.name}; docs/safety.md says how they are written.",
        )
    return book


def can_screen(practice: Practice) -> None:
    """Raises `PhraseError` or KeyError where callers' words cannot be screened with the practice's phrases:
    then no danger would be found in any of them. A stored phrase may be of another version's notation."""
    if practice.danger_phrases:
        from dialog.safety.screen import matcher

        matcher(practice.danger_phrases)


def problems_of(added: tuple[DangerPhrase, ...]) -> tuple[str, ...]:
    """The reader of danger signs is loaded only where there is something to check: callers may wait."""
    if not added:
        return ()
    from agent.danger_phrase_checks import problems

    return problems(added)
