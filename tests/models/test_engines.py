"""How databases are connected to."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from models.engines import make_engines, parse_url
from models.refusals import storage_error


@pytest.mark.parametrize(("asked", "timeout_ms"), [("", 20_000), ("?tcp_user_timeout=7000", 7_000)])
def test_a_link_to_postgresql_that_fell_silent_is_found_out_unless_the_operator_says_otherwise(
    asked: str, timeout_ms: int
) -> None:
    """Nobody listens there; libpq refuses a name that it does not know before it tries."""
    engines, given = make_engines(parse_url(f"postgresql://user@127.0.0.1:1/firstring{asked}")), []

    def look(_dialect: object, _record: object, _arguments: object, named: dict[str, Any]) -> None:
        given.append((int(named["tcp_user_timeout"]), named["keepalives_idle"], named["connect_timeout"]))

    for engine in (engines.writing, engines.reading):
        event.listen(engine.engine, "do_connect", look)
        with pytest.raises(OperationalError, match="refused"):
            engine.connect()
    assert given == [(timeout_ms, 10, 10)] * 2
    engines.dispose()


@pytest.mark.parametrize(
    ("said", "may_pass"),
    [
        ('connection to server at "db", port 5432 failed: FATAL:  the database system is starting up', True),
        ('connection to server at "db", port 5432 failed: Connection refused', True),
        ("failed to resolve host 'db': [Errno -2] Name or service not known", True),
        ("database or disk is full", True),
        ('connection to server failed: FATAL:  password authentication failed for user "firstring"', False),
        ('connection to server failed: FATAL:  database "firstring" does not exist', False),
        ("file is not a database", False),
        ("attempt to write a readonly database", False),
    ],
)
def test_a_start_is_tried_again_where_the_same_settings_may_do_later(said: str, *, may_pass: bool) -> None:
    """As psycopg and SQLite say it."""
    assert storage_error(OperationalError("SELECT 1", {}, Exception(said))).may_pass is may_pass
