"""The command `firstring learn`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from agent import settings
from models.errors import SettingsError


def learn(
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", help='JSON lines of {"text", "intents", "question_kind"}; may be repeated'),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="back to the weights before; learns nothing")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="everything but putting in use")] = False,
    config: Annotated[
        Path | None, typer.Option("--config", help="settings file; firstring.toml when not given")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line, for programs")] = False,
) -> None:
    """Retrains the classifier on corrections: the Correction table's and --from's, with what changed."""
    from agent.learn import Wish, run
    from agent.learn import undo as go_back

    if undo and (files or dry_run):
        raise SettingsError("--undo learns nothing", fix="Give it alone.")
    chosen = settings.load(file=config)

    def show(value: Any) -> None:
        typer.echo(json.dumps(value) if as_json else value)

    if undo:
        sys.exit(go_back(chosen, show, as_json=as_json))
    sys.exit(run(chosen, Wish(tuple(files or ()), dry_run), show, as_json=as_json))
