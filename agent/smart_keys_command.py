"""`firstring smart-keys`: the keys that sign our assertions at an EHR's authorisation server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agent import settings


def smart_keys(
    new: Annotated[bool, typer.Option("--new", help="make a key; it signs from now on")] = False,
    algorithm: Annotated[str, typer.Option(help="ES384 or RS384")] = "ES384",
    keep: Annotated[int, typer.Option(help="remove all but so many of the newest; 0 keeps all")] = 0,
    config: Annotated[Path | None, typer.Option("--config", help="settings file")] = None,
) -> None:
    """Shows the public key set for the EHR's registration page; makes a new key, or forgets old ones."""
    from agent.chart_tokens import KEY_SET, keys_of
    from fhir.smart_keys import forget_keys, key_set, make_key, read_keys

    chosen = settings.load(file=config)
    folder = keys_of(chosen)
    if new:
        typer.echo(f"made: {make_key(folder, settings.clock_of(chosen)(), algorithm).kid}", err=True)
    for name in forget_keys(folder, keep) if keep else ():
        typer.echo(f"removed: {name}", err=True)
    if not read_keys(folder):
        typer.echo("no key yet: --new makes one", err=True)
        raise typer.Exit(1)
    if chosen.public_url:
        typer.echo(f"published at: {chosen.public_url}{KEY_SET}", err=True)
    typer.echo(json.dumps(key_set(folder), indent=2))
