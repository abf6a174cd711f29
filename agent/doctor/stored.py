"""What staff have changed in the console, for examinations: read from the database, changing nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from agent.preparing import practice_book
from agent.settings import Settings
from backends.practice import Practice
from models.engines import make_engines, parse_url
from models.keyfile import KeyRingError
from models.keyring import KeyRing, use_keyring_here

T = TypeVar("T")


def stored(chosen: Settings, work: Callable[[Session], T]) -> T | None:
    """None where there is no database yet, or it cannot be read: the check of the database says why."""
    url = parse_url(chosen.database)
    file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    keys = chosen.secrets_folder / "keys"
    if (file is not None and not file.exists()) or not keys.exists():
        return None
    engines = make_engines(url)
    try:
        use_keyring_here(KeyRing.load(keys))
        with Session(engines.reading) as session:
            return work(session)
    except (SQLAlchemyError, KeyRingError):
        return None
    finally:
        engines.dispose()


def practice_that_counts(chosen: Settings) -> Practice:
    """The file's, and over it what staff have changed. Raises SettingsError where the file is wrong."""
    book = practice_book(chosen)
    stored(chosen, book.take_up)
    return book.practice
