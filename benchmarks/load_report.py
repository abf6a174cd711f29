"""The load table and the capacity model as docs/scale.md shows them, made from the results file alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.capacity import PARTS, PLANNED_LOAD, Check, Model, Sample, carried, check, fit
from benchmarks.load_sections import SATURATED, WELL_MS
from benchmarks.voice import verdict
from benchmarks.voice_rows import Row, within

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "load.jsonl"
DOCUMENT = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- load: begin -->", "<!-- load: end -->"
CALLS, CORES_EACH = 10_000, 16
MODEL_ERROR = 0.15  # of the load that was not used for the fit

Line = Mapping[str, Any]


def last_run(results: Path = RESULTS) -> list[Line]:
    """Lines of the newest run that is no quick one, or of the newest. Raises ``ValueError`` without any."""
    lines = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    full = [line for line in lines if not line["quick"]]
    if not lines:
        raise ValueError(f"{results} holds no run")
    newest = (full or lines)[-1]["run"]
    return [line for line in lines if line["run"] == newest]


def sample_of(line: Line) -> Sample:
    rates = line["rates"]
    return Sample(
        line["live_mean"], rates["turns"], line["cpu"], rates["writes"], rates["transactions"],
        line["pss_bytes"],
    )  # fmt: skip


def points_of(lines: Sequence[Line], section: str) -> list[Line]:
    return [line for line in lines if line["section"] == section and line["kind"] == "point"]


def modelled(lines: Sequence[Line]) -> tuple[Model, list[Check], Line]:
    """Fitted to the stand-in's loads but for the heaviest that was not saturated, which checks it.

    Raises ``ValueError`` where there are too few.
    """
    linear = [
        each for each in points_of(lines, "stand-in")
        if each["p95_ms"] <= WELL_MS and sum(each["cpu"].values()) <= SATURATED
    ]  # fmt: skip
    linear = linear if len(linear) >= 3 else points_of(lines, "stand-in")
    usual = [each for each in linear if not each["note"]]
    if len(linear) < 3 or not usual:
        raise ValueError("too few loads for a model")
    held_out = max(usual, key=lambda each: float(each["live_mean"]))
    used = [each for each in linear if each is not held_out]
    if len(used) < 3:  # the short form has no more: its model is for show
        used = linear
    model = fit([sample_of(each) for each in used], held_out["empty_bytes"])
    return model, check(model, sample_of(held_out)), held_out


def model_rows(lines: Sequence[Line]) -> list[Row]:
    try:
        _, checks, held_out = modelled(lines)
    except ValueError as problem:
        return [Row("capacity model", "not measured", "", str(problem))]
    note = f"fitted without the load of {held_out['calls']} lines"
    return [
        Row(f"capacity model against a load not used for it: {each.name}",
            f"{each.said:.2f} for {each.measured:.2f}: {each.relative_error:.0%}", "", note,
            within([(each.relative_error, MODEL_ERROR)]))
        for each in checks
    ]  # fmt: skip


def ear_per_turn(lines: Sequence[Line], section: str) -> float | None:
    """Cores of the recogniser for a turn a second, at the highest load that was served well."""
    points = points_of(lines, section)
    well = [each for each in points if each["p95_ms"] <= WELL_MS] or points[:1]
    if not well or not well[-1]["rates"]["turns"]:
        return None
    return float(well[-1]["cpu"]["ear"] / well[-1]["rates"]["turns"])


def document(lines: Sequence[Line]) -> str:
    """The part of docs/scale.md between its markers."""
    head = lines[0]
    quick = "**The short form: it proves that the script runs, and no figure of it is to be quoted.** "
    parts = [
        f"{quick if head['quick'] else ''}Run `{head['run']}`, commit {head['commit']}, {head['machine']}, "
        f"load average at the start {head['load']:.1f}. `make bench-load` takes it again.",
        _table(("Measure", "Figure", "Wanted", "", "Note"), [
            (row.measure, row.figure, row.wanted, verdict(row), row.note)
            for row in (*_rows(lines), *model_rows(lines))
        ]),
    ]  # fmt: skip
    try:
        model, _, held_out = modelled(lines)
    except ValueError:
        return "\n\n".join(parts)
    turns_per_call = held_out["rates"]["turns"] / held_out["live_mean"]
    parts += [
        f"A call took {turns_per_call * 60:.1f} turns a minute. What things cost, in thousandths of a core: "
        f"idle, for each call on the line, and for each turn a second:",
        _table(("Part", "idle", "a call", "a turn"), [
            (part, *(f"{1_000 * value:.1f}" for value in (cost.idle, cost.per_call, cost.per_turn)))
            for part, cost in model.cpu.items()
        ]),
        f"Memory: {model.empty_bytes / 2**20:.0f} MiB without calls, {model.bytes_per_call / 2**20:.2f} MiB "
        f"a call. The database: {model.writes_per_turn:.1f} pieces of work a turn, "
        f"{model.transactions_per_write:.2f} transactions each.",
        f"{CALLS:,} calls at once, cores at {PLANNED_LOAD:.0%}, machines of {CORES_EACH} cores:",
        _carried(model, turns_per_call, lines),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _rows(lines: Sequence[Line]) -> list[Row]:
    keys = ("measure", "figure", "wanted", "note", "reached")
    return [Row(**{key: line[key] for key in keys}) for line in lines if line["kind"] == "row"]


def _carried(model: Model, turns_per_call: float, lines: Sequence[Line]) -> str:
    ears = {
        "none (recognition elsewhere)": 0.0,
        "pocketsphinx": ear_per_turn(lines, "pocketsphinx"),
        "Whisper, tiny's size": ear_per_turn(lines, "whisper"),
    }
    rows = []
    for name, cost in ears.items():
        if cost is None:
            rows.append((name, *["not measured"] * 8))
            continue
        need = carried(model, CALLS, turns_per_call, cost)
        rows.append(
            (name, f"{need.web_cores:,.0f}", f"{need.ear_cores:,.0f}",
             f"{need.mind_cores + need.mouth_cores:,.0f}", f"{need.machines(CORES_EACH):,}",
             f"{need.ram_gib:,.0f}", f"{need.writes:,.0f}", f"{need.in_mbit:,.0f}", f"{need.out_mbit:,.0f}")
        )  # fmt: skip
    return _table(
        ("Recogniser", "web cores", "ear cores", "mind and mouth", "machines", "RAM GiB", "writes/s",
         "Mbit/s in", "Mbit/s out"),
        rows,
    )  # fmt: skip


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)


def write_document(results: Path = RESULTS, path: Path = DOCUMENT) -> None:
    text = path.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{document(last_run(results))}\n{END}{after}")


def documented(path: Path = DOCUMENT) -> str:
    return path.read_text().split(BEGIN)[1].split(END)[0].strip()


__all__ = ["PARTS", "document", "documented", "last_run", "model_rows", "write_document"]
