"""`firstring backup`, `restore`, `verify-audit` ...: thin; the work is in the modules beside."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import settings
from models.errors import SettingsError

if TYPE_CHECKING:
    from sqlmodel import Session

Config = Annotated[Path | None, typer.Option("--config", help="settings file; firstring.toml when not given")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object, for programs")]


retention_app = typer.Typer(no_args_is_help=True, help="How long things are kept.")
hold_app = typer.Typer(no_args_is_help=True, help="What must not be deleted, whatever its time.")
Why = Annotated[str, typer.Option("--why", help="stands in the audit trail")]


def add_to(app: typer.Typer) -> None:
    """The commands of this file, among all others."""
    app.add_typer(retention_app, name="retention")
    app.add_typer(hold_app, name="legal-hold")
    app.command()(backup)
    app.command()(restore)
    app.command("verify-audit")(verify_audit)
    app.command("rotate-keys")(rotate_keys)
    app.command("export-patient")(export_patient)


def backup(
    folder: Annotated[Path, typer.Argument(help="where the archive is put; on another disk or machine")],
    keys_to: Annotated[
        Path | None,
        typer.Option(help="also the keys, into this file, under FIRSTRING_BACKUP_PASSPHRASE; keep it apart"),
    ] = None,
    keep: Annotated[int, typer.Option(help="remove all but the newest N archives there; 0: none", min=0)] = 0,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """One archive of everything but the keys. Safe beside the server, which it does not hold up."""
    from agent.custody.backup import make_backup, prune
    from agent.custody.key_copy import passphrase_of

    made = make_backup(settings.load(file=config), folder, keys_to, passphrase_of())
    removed = prune(folder, keep) if keep else []
    told = {
        "archive": str(made.archive),
        "bytes": made.size_bytes,
        "seconds": round(made.seconds, 1),
        "calls": made.manifest.state.counts.get("call", 0),
        "turns": made.manifest.state.counts.get("turn", 0),
        "keys": str(made.keys) if made.keys else None,
        "removed": [str(path) for path in removed],
    }
    _show(told, as_json)
    if made.keys is None and not as_json:
        typer.echo("   the keys are not in it: keep a copy of them apart (--keys-to; docs/operate.md)")


def restore(
    archive: Annotated[Path, typer.Argument(help="what `firstring backup` made")],
    keys: Annotated[Path, typer.Option(help="the copy of the keys: of --keys-to, or of DATA_DIR/secrets")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Puts a backup into an empty DATA_DIR and database, and looks it through. Stop the server first."""
    from agent.custody.key_copy import passphrase_of
    from agent.custody.restore import bring_settings, restore

    file = config or Path(os.environ.get("FIRSTRING_CONFIG", "firstring.toml"))
    passphrase = passphrase_of()
    for path in bring_settings(archive, file, keys, passphrase):
        typer.echo(f"wrote {path}", err=True)
    chosen = settings.load(file=config)
    done = restore(chosen, archive, keys, passphrase, lambda line: typer.echo(line, err=True))
    counts = done.manifest.state.counts
    told = {
        "as_of": done.as_of.isoformat(timespec="seconds"),
        "calls": counts.get("call", 0),
        "turns": counts.get("turn", 0),
        "unsent_texts": done.unsent,
        "seconds": round(done.seconds, 1),
    }
    _show(told, as_json)
    if not as_json:
        typer.echo("   what came after that instant is lost; staff sign in anew; now start the server")


def verify_audit(
    since: Annotated[
        Path | None,
        typer.Option("--since", help="a backup: what stood in the trail then must still stand in it"),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Walks every chain of the audit trail. Exit code 1 at the first entry that is not as it was written."""
    from agent.custody.audit_check import check

    found = check(settings.load(file=config), since)
    told: dict[str, Any] = {"whole": not found.problem, "entries": found.entries, "chains": found.chains}
    if found.problem:
        told["problem"] = found.problem
    _show(told, as_json)
    sys.exit(1 if found.problem else 0)


def rotate_keys(
    prepare: Annotated[
        bool, typer.Option("--prepare", help="add the key only: copy the file to the other machines first")
    ] = False,
    drop_old: Annotated[
        bool,
        typer.Option("--drop-old", help="forget older keys at the end; older backups need their own copy"),
    ] = False,
    nothing_elsewhere: Annotated[
        bool,
        typer.Option(
            "--nothing-elsewhere", help="with SIBLINGS: I saw that no DATA_DIR/unstored holds turns"
        ),
    ] = False,
    unread_too: Annotated[
        bool,
        typer.Option("--unread-too", help="files that cannot be read now may be lost for good"),
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """A new data key; what older ones have sealed is sealed anew. Safe beside the server, and to repeat."""
    from agent.custody import rotation

    chosen = settings.load(file=config)
    if prepare:
        _show({"key": rotation.prepare(chosen), "used": False}, as_json)
        return
    sure = rotation.Sure(nothing_elsewhere, unread_too)
    done = rotation.rotate(chosen, lambda line: typer.echo(line, err=True), drop_old=drop_old, sure=sure)
    told = {"key": done.key, "rows": done.rows, "recordings": done.recordings}
    _show(told | {"left for the next run": done.running, "dropped": list(done.dropped)}, as_json)
    if not as_json:
        typer.echo("   now copy the keys anew (docs/operate.md): backups from now on need the new one")


def export_patient(
    patient: Annotated[str, typer.Argument(help="the patient's id in the chart; never a name or a number")],
    to: Annotated[Path, typer.Option(help="the archive to write; none is there yet")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """All that is held on one patient: calls, tasks, texts, consents, chart, sound, and who looked at it."""
    from agent.custody.export import export_patient as export

    done = export(settings.load(file=config), patient.removeprefix("Patient/"), to)
    _show({"archive": str(to), **asdict(done)}, as_json)
    if not as_json:
        typer.echo("   it is not encrypted: hand it over safely, and remove it then")


@retention_app.command("run")
def retention_run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count only; nothing is deleted")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Deletes what was kept for long enough (KEEP_CALLS_DAYS and the others), and looks that it is gone.

    Safe beside the server, which does the same by itself once a day.
    """
    from agent.custody import retention
    from agent.custody.opened import opened, operator

    chosen = settings.load(file=config)
    clock = settings.clock_of(chosen)
    with opened(chosen) as storage:
        if doubt := retention.doubt_of(storage, clock()):
            typer.echo(doubt, err=True)
        if dry_run:
            _show({"would delete": True, **asdict(retention.due(chosen, storage, clock()))}, as_json)
        else:
            _show(asdict(retention.run(chosen, storage, clock, operator())), as_json)


@hold_app.command("place")
def hold_place(
    why: Why,
    call: Annotated[str, typer.Option("--call", help="one call's id")] = "",
    patient: Annotated[str, typer.Option("--patient", help="one patient's id in the chart, no name")] = "",
    unknown_too: Annotated[
        bool, typer.Option("--unknown-too", help="a patient whom neither the chart nor a call knows yet")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """From now on nothing of this call, or of this patient's calls, is deleted by its age.

    Tells how many calls that are here already it keeps.
    """
    from agent.custody.opened import opened, operator
    from models import holds

    patient = patient.removeprefix("Patient/")
    if bool(call) == bool(patient):
        raise SettingsError("give one of --call and --patient", fix="`firstring legal-hold place --help`")
    chosen = settings.load(file=config)
    at, who = settings.clock_of(chosen)(), operator()

    def work(session: Session) -> tuple[str, int]:
        made = holds.place(
            session, who=who, why=why, at=at, call_id=call, patient_id=patient, unknown_too=unknown_too
        )
        session.flush()
        return made.id, holds.held_now(session, made)

    with opened(chosen) as storage:
        made, calls = storage.write_now(work)
    _show({"hold": made, "calls": calls}, as_json)


@hold_app.command("lift")
def hold_lift(
    hold: Annotated[str, typer.Argument(help="as `firstring legal-hold list` shows it")],
    why: Why,
    config: Config = None,
) -> None:
    """What it kept is deleted by its age again, from the next run on."""
    from agent.custody.opened import opened, operator
    from models import holds

    chosen = settings.load(file=config)
    at, who = settings.clock_of(chosen)(), operator()
    with opened(chosen) as storage:
        storage.write_now(lambda session: holds.lift(session, hold, who=who, why=why, at=at))
    typer.echo(f"hold {hold} is lifted")


@hold_app.command("list")
def hold_list(config: Config = None, as_json: Json = False) -> None:
    """Those that stand."""
    from agent.custody.opened import opened
    from models import holds

    with opened(settings.load(file=config)) as storage:
        for one in storage.read_now(holds.standing):
            told = {"hold": one.id, "of": one.subject, "since": one.placed_at.isoformat(timespec="seconds")}
            _show(told | {"by": one.placed_by, "why": one.why}, as_json)


def _show(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told))
        return
    shown = {key: value for key, value in told.items() if value not in (None, [])}
    typer.echo("  ".join(f"{key.replace('_', ' ')}: {value}" for key, value in shown.items()))
