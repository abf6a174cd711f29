"""`firstring load-charts`: FHIR R4 Bundles and bulk exports from files and folders into the embedded chart.

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
from backends.foreign_bulk import is_export, read_export
from backends.foreign_file import NoSuchFile, read_file
from backends.foreign_load import ChartLoader, Loaded
from models.errors import FirstringError, SettingsError
from models.storage import Storage

Printer = Callable[[Any], None]
Unit = tuple[Path, ...]
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
    for unit in _units(paths):
        outcome = await _load(loader, unit)
        name = _named(unit)
        show(_as_json(name, outcome) if as_json else _as_text(name, outcome))
        code = max(code, _code(outcome))
        if isinstance(outcome, Loaded):
            files += 1
            patients += outcome.added.get("Patient", 0)
            resources += sum(outcome.added.values())
        await _breath()
    total = {"files": files, "new_patients": patients, "new_resources": resources}
    show(
        {"total": total} if as_json else f"{files} files, {patients} new patients, {resources} new resources"
    )
    return code


async def _breath() -> None:
    await asyncio.sleep(BREATH_S)


def _units(paths: Sequence[Path]) -> Iterator[Unit]:
    """What is loaded together: a file, or all NDJSON files of a folder or named side by side: one export.

    Of a folder's ``*.json`` those come first that others refer to.
    """
    exports: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(paths):
        inside = sorted(path.iterdir(), key=_turn) if path.is_dir() else [path]
        lines = [one for one in inside if is_export(one)]
        for one in lines:
            exports.setdefault(path if path.is_dir() else Path(), []).append(one)
        files = [one for one in inside if one.suffix == ".json" or not path.is_dir()]
        others = [one for one in files if not is_export(one)]
        yield from ((one,) for one in others)
        if not lines and not others:
            yield (path,)
    yield from (tuple(export) for export in exports.values())


def _named(unit: Unit) -> str:
    return ", ".join(str(path) for path in unit)


def _turn(path: Path) -> tuple[bool, str]:
    return not path.name.lower().startswith(FIRST), path.name


async def _load(loader: ChartLoader, unit: Unit) -> Loaded | FirstringError:
    path = unit[0]
    try:
        if path.is_dir():
            fix = "Name the folder that holds the Bundles (.json) or the export (.ndjson)."
            raise NoSuchFile("the folder has no .json files", fix=fix)
        if is_export(path):
            return await loader.load_export(await asyncio.to_thread(read_export, unit), _breath)
        return await loader.load(await asyncio.to_thread(read_file, path))
    except FirstringError as problem:
        return problem


def _code(outcome: Loaded | FirstringError) -> int:
    if isinstance(outcome, Loaded):
        return OK if outcome.whole else NOT_ALL
    return WRONG_USE if isinstance(outcome, NoSuchFile) else NOT_ALL


def _as_json(name: str, outcome: Loaded | FirstringError) -> dict[str, Any]:
    if isinstance(outcome, Loaded):
        return {"file": name, "result": _result(outcome), **asdict(outcome)}
    error = {"code": outcome.code, "problem": str(outcome), "fix": outcome.fix}
    return {"file": name, "result": "refused", "error": error}


def _result(loaded: Loaded) -> str:
    return "loaded" if loaded.added or loaded.adopted else "unchanged"


def _as_text(name: str, outcome: Loaded | FirstringError) -> str:
    if not isinstance(outcome, Loaded):
        return f"{name}: not loaded: {outcome}\n     fix: {outcome.fix}"
    return "\n".join([f"{name}: {_result(outcome)}", *(f"   {line}" for line in _lines(outcome))])


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
    if loaded.without_birth_date:
        yield f"{loaded.without_birth_date} patients without a birth date: no caller can be taken for them"
    if loaded.nowhere:
        yield f"references to what is not in the file: {_counted(loaded.nowhere)}"
    for item in loaded.skipped[:SHOWN_SKIPS]:
        yield f"skipped {item.what}: {item.why}"
    if len(loaded.skipped) > SHOWN_SKIPS:
        yield f"and {len(loaded.skipped) - SHOWN_SKIPS} more skipped (--json names all)"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
