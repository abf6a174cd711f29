"""The practice's database as a tool opens it, and who it is that uses the tool."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from agent.custody.files import KeepingError
from agent.preparing import keyring_of
from agent.settings import Settings
from models.storage import Storage


def operator() -> str:
    """As the audit trail names them: by the account of this machine."""
    try:
        return f"operator {getpass.getuser()}"[:100]
    except (KeyError, OSError):  # an account without a name, in a container for example
        return "operator"


def require_data(chosen: Settings) -> None:
    """Raises `KeepingError` where there is no data folder yet: a tool makes none."""
    if not (chosen.secrets_folder / "keys").exists():
        raise KeepingError(
            f"there is no Firstring data in {chosen.data_dir}", fix="Name its folder in DATA_DIR."
        )


@contextmanager
def opened(chosen: Settings) -> Iterator[Storage]:
    """Beside a running server. Raises `KeepingError` where there is no data folder yet."""
    require_data(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        yield storage
    finally:
        storage.close()
