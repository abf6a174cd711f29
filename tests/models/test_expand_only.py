"""Every migration only adds: what the version before reads and writes, it still can.

Two versions serve one schema while one process after the other is replaced (docs/several-machines.md).
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, inspect

from models import schema

SINCE = "0019"  # before it there was no version that anybody ran beside another
REVISIONS = [revision for revision in schema.known_revisions() if revision >= SINCE]
STEPS = list(itertools.pairwise(REVISIONS))
# Steps that take something away, with the release that stopped using it. They raise `schema_floor`.
CONTRACTS: dict[str, str] = {}

Columns = dict[str, dict[str, Any]]


def shape(connection: Connection) -> dict[str, Columns]:
    """Tables, their columns, and what uniqueness asks of their rows."""
    seen = inspect(connection)
    return {
        table: {column["name"]: dict(column) for column in seen.get_columns(table)}
        for table in seen.get_table_names()
    }


def unique_of(connection: Connection) -> dict[str, set[tuple[str, ...]]]:
    seen: Any = inspect(connection)
    return {
        table: {
            *(tuple(index["column_names"]) for index in seen.get_indexes(table) if index["unique"]),
            *(tuple(constraint["column_names"]) for constraint in seen.get_unique_constraints(table)),
        }
        for table in seen.get_table_names()
    }


def broken(before: dict[str, Columns], after: dict[str, Columns]) -> list[str]:
    """What the older version's statements would stumble over."""
    found = []
    for table, columns in before.items():
        for name, column in columns.items():
            now = after.get(table, {}).get(name)
            if now is None:
                found.append(f"{table}.{name} is gone")
            elif column["nullable"] and not now["nullable"]:
                found.append(f"{table}.{name} must be given now")
            elif type(column["type"]) is not type(now["type"]):
                found.append(f"{table}.{name} is of another type")
        for name, column in after.get(table, {}).items():
            if name not in columns and not column["nullable"] and column["default"] is None:
                found.append(f"{table}.{name} is new, and must be given")
    return found


@pytest.mark.parametrize(("older", "newer"), STEPS)
def test_the_version_before_can_go_on(older: str, newer: str) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        config = schema.alembic_config(connection)
        command.upgrade(config, older)
        before, unique_before = shape(connection), unique_of(connection)
        command.upgrade(config, newer)
        after, unique_after = shape(connection), unique_of(connection)
        lowest = schema.floor(connection)
    problems = broken(before, after)
    problems += [
        f"{table} refuses more rows than before"
        for table, unique in unique_before.items()
        if unique_after.get(table, unique) - unique
    ]
    if newer in CONTRACTS:
        assert lowest is not None
        assert lowest > SINCE, "who takes something away says from which version on it is not missed"
    else:
        assert problems == []


def test_what_would_break_is_seen() -> None:
    text, number = type("Text", (), {}), type("Number", (), {})

    def column(kind: type, *, nullable: bool = True, default: str | None = None) -> dict[str, Any]:
        return {"type": kind(), "nullable": nullable, "default": default}

    before = {"call": {"a": column(text), "b": column(text), "c": column(text)}, "gone": {"x": column(text)}}
    after = {
        "call": {
            "a": column(number),
            "b": column(text, nullable=False),
            "d": column(text, nullable=False),
            "e": column(text, nullable=False, default="''"),
            "f": column(text),
        }
    }
    assert broken(before, after) == [
        "call.a is of another type",
        "call.b must be given now",
        "call.c is gone",
        "call.d is new, and must be given",
        "gone.x is gone",
    ]
