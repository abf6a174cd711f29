"""A database driver's error -> our `StorageError`, by the signs in its text."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from models.errors import StorageError

PROBLEMS = (
    ("readonly", "the database is read-only", "Check the file's and its folder's permissions and the mount."),
    ("read-only", "the database is read-only", "Check the permissions and that it is not a standby server."),
    ("disk is full", "the disk is full", "Free some disk space; nothing that was confirmed is lost."),
    ("no space left", "the disk is full", "Free some disk space; nothing that was confirmed is lost."),
    ("i/o error", "the disk cannot be written or read", "Free disk space, and look at the disk's health."),
    ("locked", "the database is locked by another program", "Close what else has the file open."),
    ("not a database", "the database file is damaged or not a database", "Restore it from the backup."),
    ("malformed", "the database file is damaged", "Restore it from the backup."),
    ("unable to open", "the database file cannot be opened", "Check DATABASE_URL and the permissions."),
    ("password", "the database refused our user or password", "Check user and password in DATABASE_URL."),
    ("does not exist", "the database or its user does not exist", "Create it, or correct DATABASE_URL."),
    ("resolve host", "the database server's name is not known", "Correct the host in DATABASE_URL."),
    ("connect", "the database server cannot be reached", "Start it, or correct the host in DATABASE_URL."),
)
# What a slower machine, some room or another program mends: "connect" is also a server that is starting up.
PASSING_SIGNS = frozenset({"disk is full", "no space left", "i/o error", "locked", "resolve host", "connect"})


def storage_error(error: BaseException) -> StorageError:
    """Our name for a database error. The driver's text stays out: it may quote values.

    The cause may lie behind: after a full disk SQLite has no savepoint to go back to, and says that last.
    """
    link: BaseException | None = error
    while link is not None:
        text = str(getattr(link, "orig", None) or link).lower() if isinstance(link, SQLAlchemyError) else ""
        for sign, problem, fix in PROBLEMS:
            if sign in text:
                return StorageError(problem, fix=fix, may_pass=sign in PASSING_SIGNS)
        link = link.__context__
    return StorageError(f"the database refused ({type(error).__name__})")
