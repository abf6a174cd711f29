"""`firstring users`: who may sign in to the console, and a new start when nobody can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import settings

if TYPE_CHECKING:
    from models.storage import Storage

app = typer.Typer(no_args_is_help=True, help="Who may sign in to the console.")
Config = Annotated[Path | None, typer.Option("--config", help="settings file; firstring.toml when not given")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line, for programs")]


@app.command("list")
def list_users(config: Config = None, as_json: Json = False) -> None:
    """Names, roles, and whether each has a second factor."""
    from console.users import all_users

    with _storage(config) as storage:
        people = storage.read_now(all_users)
    for one in people:
        row = {"name": one.name, "roles": one.roles, "disabled": one.disabled}
        row["second_factor"] = bool(one.totp_secret)
        typer.echo(json.dumps(row) if as_json else "  ".join(f"{key}: {value}" for key, value in row.items()))


@app.command()
def reset(
    name: Annotated[str, typer.Argument(help="whose password and second factor start anew")],
    config: Config = None,
) -> None:
    """A one-time password, printed once; the second factor is set up anew. For when no administrator
    can sign in: what a colleague needs, an administrator does in the console. Safe beside the server.
    """
    from console.users import start_anew
    from models.errors import NotFound

    with _storage(config) as storage:
        at = settings.clock_of(settings.load(file=config))()
        password = storage.write_now(lambda session: start_anew(session, name, at=at))
    if password is None:
        raise NotFound(f"there is no user {name}", fix="`firstring users list` shows who there is.")
    typer.echo(f"user '{name}', one-time password {password} (shown only now)")


@contextmanager
def _storage(config: Path | None) -> Iterator[Storage]:
    from agent.preparing import keyring_of
    from models.storage import Storage

    chosen = settings.load(file=config)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        yield storage
    finally:
        storage.close()
