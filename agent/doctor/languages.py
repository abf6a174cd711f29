"""Callers who speak Spanish: what they are offered, and whether the Spanish wordings are signed."""

from __future__ import annotations

from collections.abc import Iterator

from agent.doctor.findings import Finding, fail, ok, warn
from agent.settings import Settings
from backends.spanish_prompts import OWN, PromptFile, read_own
from models.errors import SettingsError
from voice import spanish

CHECK, WORDINGS = "other languages", "spanish wordings"


def languages(chosen: Settings) -> Iterator[Finding]:
    """No recogniser of ours hears Spanish, whichever is chosen."""
    if chosen.spanish_key:
        yield ok(CHECK, "English is heard; who speaks Spanish is offered a person by key 2")
    else:
        fix = "Set SPANISH_KEY to true, or have somebody answer who is offered no key."
        yield warn(CHECK, "SPANISH_KEY is false: a danger told in Spanish is heard by nobody", fix)
    try:
        yield _wordings(chosen, read_own(chosen.data_dir))
    except SettingsError as problem:
        yield fail(WORDINGS, str(problem), problem.fix)


def _wordings(chosen: Settings, own: PromptFile | None) -> Finding:
    if own is None or own.signature is None:
        what = f"{OWN} is not signed" if own else "not signed"
        return ok(WORDINGS, f"{what}: who speaks Spanish hears English (docs/operate.md)")
    signed = f"{own.prompts.version}, signed by {own.signature.by} on {own.signature.on.isoformat()}"
    if not spanish.can_speak():
        fix = "Install espeak-ng with its Spanish voice (es-419)."
        return warn(WORDINGS, f"{signed}, but no voice here speaks Spanish: English is spoken", fix)
    return ok(WORDINGS, signed)
