"""Which check-ins run here, and which wait for a sign-off."""

from __future__ import annotations

from collections.abc import Iterator

from agent.doctor.findings import Finding, fail, ok, warn
from agent.doctor.stored import stored
from agent.preparing import protocol_book
from agent.settings import Settings
from models.errors import SettingsError

CHECK = "check-ins"


def checkins(chosen: Settings) -> Iterator[Finding]:
    """A questionnaire that is wrong keeps the server from starting; an unsigned one does not run."""
    try:
        book = protocol_book(chosen)
    except SettingsError as problem:
        yield fail(CHECK, str(problem), problem.fix)
        return
    stored(chosen, book.take_up)
    if chosen.unsigned_checkins:
        fix = "Set UNSIGNED_CHECKINS = false before patients call."
        yield warn(CHECK, "UNSIGNED_CHECKINS is true: questionnaires run that nobody has signed", fix)
    run = [one.name for one in book.running]
    waiting = [name for name in book.protocols if name not in run]
    yield ok(CHECK, f"these run: {', '.join(run)}" if run else "none runs: symptoms are told to staff")
    if waiting and run:
        fix = "Read and sign them under Protocols in the console, or leave them."
        yield warn(CHECK, f"not signed, and not run: {', '.join(waiting)}", fix)
