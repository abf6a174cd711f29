"""Which check-ins run here, and which wait for a sign-off."""

from __future__ import annotations

from collections.abc import Iterator

from agent.doctor.findings import Finding, fail, ok, warn
from agent.preparing import known_questionnaires, questionnaires_of
from agent.settings import Settings
from models.errors import SettingsError

CHECK = "check-ins"


def checkins(chosen: Settings) -> Iterator[Finding]:
    """A questionnaire that is wrong keeps the server from starting; an unsigned one does not run."""
    try:
        known, run = known_questionnaires(chosen), questionnaires_of(chosen)
    except SettingsError as problem:
        yield fail(CHECK, str(problem), problem.fix)
        return
    if chosen.unsigned_checkins:
        fix = "Set UNSIGNED_CHECKINS = false before patients call."
        yield warn(CHECK, "UNSIGNED_CHECKINS is true: questionnaires run that nobody has signed", fix)
    names = ", ".join(one.name for one in run)
    waiting = [one.name for one in known if one not in run]
    yield ok(CHECK, f"these run: {names}" if run else "none runs: symptoms are told to staff")
    if waiting and run:
        fix = "Read and sign them as docs/checkins.md says, or leave them."
        yield warn(CHECK, f"not signed, and not run: {', '.join(waiting)}", fix)
