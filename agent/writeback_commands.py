"""`firstring writeback status`, `retry` and `link`: what is not in the chart yet, why, and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agent import settings

app = typer.Typer(no_args_is_help=True, help="Calls on their way into the chart.")
Config = Annotated[Path | None, typer.Option("--config", help="settings file; firstring.toml when not given")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object, for programs")]


@app.command()
def status(config: Config = None, as_json: Json = False) -> None:
    """What is written, what waits and why, and what to do next. Changes nothing; safe beside the server."""
    from agent import writeback_report

    for line in writeback_report.status(settings.load(file=config), as_json=as_json):
        typer.echo(line)


@app.command()
def retry(
    call_id: Annotated[str, typer.Argument(help="one call; without it all that were given up")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Tries what was given up once more, as if its call had just ended. Safe to run twice, and beside the
    server: nothing that is in the chart is written again.
    """
    from agent import writeback_report

    count = writeback_report.retry(settings.load(file=config), call_id)
    if as_json:
        typer.echo(json.dumps({"retried": count}))
        return
    whose = f"of call {call_id}" if call_id else "of all calls"
    typer.echo(f"{count} resources {whose} are tried again" if count else f"nothing {whose} was given up")
    if count:
        typer.echo("   a running server begins at once; `firstring writeback status` shows how it goes")


@app.command()
def link(
    call_id: Annotated[str, typer.Argument(help="a call that is kept here because no chart was certain")],
    patient: Annotated[
        str, typer.Argument(help="the chart in the EHR, as its FHIR interface says: Patient/ID")
    ],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Says in which chart a call belongs, after a person has found it. What was kept is written there now."""
    from agent import writeback_report

    count = writeback_report.link(settings.load(file=config), call_id, patient)
    if as_json:
        typer.echo(json.dumps({"linked": call_id, "resources": count}))
        return
    typer.echo(f"call {call_id} belongs in {patient}: {count} resources will be written there")
