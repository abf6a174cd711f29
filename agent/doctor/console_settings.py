"""What staff have changed in the console: whether it can be read, and where the file says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from agent.doctor.findings import Finding, ok, warn
from agent.doctor.stored import stored
from agent.preparing import practice_book
from agent.settings import Settings
from backends.practice_book import PracticeBook
from console.settings_desk import file_differs
from console.settings_sections import sections
from dialog import safety

CHECK = "console settings"
UNREADABLE_FIX = "Open it under Settings in the console and save it; until then practice.toml counts for it."
DIFFERS_FIX = "What the console says counts. Its page shows the difference, and can take the file's."


def console_settings(chosen: Settings) -> Iterator[Finding]:
    """Raises SettingsError where the file itself is wrong."""
    book = practice_book(chosen)
    stored(chosen, book.take_up)
    if not book.versions:
        yield ok(CHECK, "none were changed in the console: practice.toml counts")
        return
    for each in book.unreadable:
        yield warn(CHECK, f"{each.key}, version {each.version}, cannot be read", UNREADABLE_FIX)
    changed = stored(chosen, lambda session: _file_changed(session, book)) or []
    if changed:
        yield warn(CHECK, f"practice.toml was changed since for: {', '.join(changed)}", DIFFERS_FIX)
    else:
        yield ok(CHECK, f"changed in the console, and counting: {', '.join(sorted(book.versions))}")


def _file_changed(session: Session, book: PracticeBook) -> list[str]:
    """Sections whose file says otherwise than when it was taken, and than what counts."""
    signs = tuple((flag.id, flag.name) for flag in safety.CATALOGUE)
    differing = (one for one in sections(signs) if file_differs(session, one, book.part_of_file(one.key)))
    return [section.title for section in differing]
