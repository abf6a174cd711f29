"""The commands `firstring formulary build` and `firstring formulary coverage`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from agent import settings

app = typer.Typer(
    no_args_is_help=True, help="The table of drugs: its coverage, and filling it from national files."
)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; firstring.toml when not given")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line, for programs")]


def _printer(as_json: bool) -> Any:
    return lambda value: typer.echo(json.dumps(value) if as_json else value)


@app.command()
def build(
    rxnorm: Annotated[Path | None, typer.Option(help="folder of an unpacked RxNorm release")] = None,
    meps: Annotated[Path | None, typer.Option(help="MEPS prescribed medicines file, as CSV")] = None,
    ndc: Annotated[Path | None, typer.Option(help="product.txt of FDA's NDC directory")] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="leave bad lines out instead of stopping")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Fills the gaps of the table from national files; it only ever adds and tightens."""
    from agent.formulary_build import run

    chosen = settings.load(file=config)
    sys.exit(run(chosen, rxnorm, meps, ndc, _printer(as_json), skip_bad=skip_bad, as_json=as_json))


@app.command()
def coverage(config: Config = None, as_json: Json = False) -> None:
    """How many drugs are known, and how much of each."""
    from agent.formulary_build import show_coverage

    show_coverage(settings.load(file=config), _printer(as_json), as_json=as_json)
