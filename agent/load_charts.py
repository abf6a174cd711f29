"""`firstring load-charts`: FHIR R4 Bundles from files and folders into the embedded chart.

It works beside a running server: each file is one short transaction, and between two of them the server
gets its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent import settings as settings_module
from agent.preparing import backends_of, keyring_of
from agent.settings import Settings
from backends.foreign_file import NoSuchFile, read_file
from backends.foreign_load import ChartLoader, Loaded
from models.errors import FirstringError, SettingsError
from models.storage import Storage

Printer = Callable[[Any], None]
BREATH_S = 0.05  # for a server's own writes
FIRST = ("hospitalinformation", "practitionerinformation")  # Synthea's: the patients' files refer to them
SHOWN_SKIPS = 20
OK, NOT_ALL, WRONG_USE = 0, 1, 2


async def run(
    chosen: Settings, paths: Sequence[Path], show: Printer, *, own_patients: bool, as_json: bool
) -> int:
    """Loads what it can. Exit code 1: a file or a broken resource was left out; 2: a path was wrong."""
    if chosen.fhir_base_url:
        raise SettingsError(
            "FHIR_BASE_URL is set: the charts are in that system, the embedded chart is not used",
            fix="Load the charts there, or unset FHIR_BASE_URL.",
        )
    storage = await asyncio.to_thread(Storage.open, chosen.database, keyring_of(chosen))
    try:
        backends = backends_of(chosen, storage, settings_module.clock_of(chosen))
        loader = ChartLoader(backends.chart, backends.practice, own_patients=own_patients)
        return await _load_all(loader, paths, show, as_json=as_json)
    finally:
        storage.close()


async def _load_all(loader: ChartLoader, paths: Sequence[Path], show: Printer, *, as_json: bool) -> int:
    code, files, patients, resources = OK, 0, 0, 0
    for path in _files(paths):
        outcome = await _load(loader, path)
        show(_as_json(path, outcome) if as_json else _as_text(path, outcome))
        code = max(code, _code(outcome))
        if isinstance(outcome, Loaded):
            files += 1
            patients += outcome.added.get("Patient", 0)
            resources += sum(outcome.added.values())
        await asyncio.sleep(BREATH_S)
    total = {"files": files, "new_patients": patients, "new_resources": resources}
    show(
        {"total": total} if as_json else f"{files} files, {patients} new patients, {resources} new resources"
    )
    return code


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files to load, each once; a folder's ``*.json``, those first that others refer to."""
    for path in dict.fromkeys(paths):
        inside = sorted(path.glob("*.json"), key=_turn) if path.is_dir() else []
        yield from inside or [path]


def _turn(path: Path) -> tuple[bool, str]:
    return not path.name.lower().startswith(FIRST), path.name


async def _load(loader: ChartLoader, path: Path) -> Loaded | FirstringError:
    try:
        if path.is_dir():
            raise NoSuchFile("the folder has no .json files", fix="Name the folder that holds the Bundles.")
        return await loader.load(await asyncio.to_thread(read_file, path))
    except FirstringError as problem:
        return problem


def _code(outcome: Loaded | FirstringError) -> int:
    if isinstance(outcome, Loaded):
        return OK if outcome.whole else NOT_ALL
    return WRONG_USE if isinstance(outcome, NoSuchFile) else NOT_ALL


def _as_json(path: Path, outcome: Loaded | FirstringError) -> dict[str, Any]:
    if isinstance(outcome, Loaded):
        return {"file": str(path), "result": _result(outcome), **asdict(outcome)}
    error = {"code": outcome.code, "problem": str(outcome), "fix": outcome.fix}
    return {"file": str(path), "result": "refused", "error": error}


def _result(loaded: Loaded) -> str:
    return "loaded" if loaded.added or loaded.adopted else "unchanged"


def _as_text(path: Path, outcome: Loaded | FirstringError) -> str:
    if not isinstance(outcome, Loaded):
        return f"{path}: not loaded: {outcome}\n     fix: {outcome.fix}"
    return "\n".join([f"{path}: {_result(outcome)}", *(f"   {line}" for line in _lines(outcome))])


def _lines(loaded: Loaded) -> Iterator[str]:
    if loaded.added:
        yield f"{sum(loaded.added.values())} new: {_counted(loaded.added)}"
    if loaded.held:
        yield f"{loaded.held} held already and left as they are"
    if loaded.adopted:
        yield f"{loaded.adopted} of these given to the practice's own providers"
    if loaded.dropped:
        yield f"dropped: {_counted(loaded.dropped)}"
    if loaded.numbers_unread:
        yield f"{loaded.numbers_unread} telephone numbers not understood: nobody is known by them"
    if loaded.nowhere:
        yield f"references to what is not in the file: {_counted(loaded.nowhere)}"
    for item in loaded.skipped[:SHOWN_SKIPS]:
        yield f"skipped {item.what}: {item.why}"
    if len(loaded.skipped) > SHOWN_SKIPS:
        yield f"and {len(loaded.skipped) - SHOWN_SKIPS} more skipped (--json names all)"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
