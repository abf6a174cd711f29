"""Structured logs by allow-list: a key that is not listed here cannot be logged, so no name can slip in."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

ALLOWED = frozenset(
    """event level timestamp call_id call_sid door stream action code kind phase turn number seconds ms count
    worker port version engine status route method reason problem fix""".split()
)


def only_allowed(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drops what is not on the list and says how many keys were dropped."""
    kept = {key: value for key, value in entry.items() if key in ALLOWED}
    if len(kept) < len(entry):
        kept["count"] = len(entry) - len(kept)
    return kept


class Unspoken(logging.Handler):
    """What libraries log, by place and kind only: their texts and tracebacks may quote anybody."""

    def emit(self, record: logging.LogRecord) -> None:
        problem = record.exc_info[1] if record.exc_info else None
        log.warning("library", door=record.name, reason=_place(record, problem), kind=type(problem).__name__)


def _place(record: logging.LogRecord, problem: BaseException | None) -> str:
    """Where it was raised, or else where it was logged."""
    if problem is None or problem.__traceback__ is None:
        return f"{record.filename}:{record.lineno}"
    return place_of(problem)


def place_of(problem: BaseException) -> str:
    """File and line at which a caught error was raised."""
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def configure(level: int = logging.INFO) -> None:
    logging.getLogger().handlers[:] = [Unspoken(logging.WARNING)]
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


log: Any = structlog.get_logger("firstring")
