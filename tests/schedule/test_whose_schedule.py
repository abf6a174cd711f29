"""Whose schedule counts: the console changes our own only where calls book on it, and says what is so."""

from __future__ import annotations

from typing import Any, cast

import pytest

from agent import schedule_desk
from agent.services import Services
from agent.settings import Settings


class Installation:
    """What is looked at of the services."""

    def __init__(self, backends: Any, base: str, read: str) -> None:
        self.settings = Settings(fhir_base_url=base, fhir_read=read)
        self.backends = backends
        self.reading = object() if self.settings.read_parts else None

    def task_moved(self, *_moved: object) -> None:
        raise AssertionError("no task is there")


@pytest.mark.parametrize(
    ("base", "read", "ours", "elsewhere", "note"),
    [
        ("", "", True, "", ""),
        ("https://ehr.test", "", True, "", schedule_desk.BOTH),
        ("https://ehr.test", "patients appointments", False, schedule_desk.BOOKED_THERE, ""),
        ("https://ehr.test", "patients medicines", False, schedule_desk.KEPT_THERE, ""),
    ],
)
def test_ours_counts_where_calls_book_on_it(
    backends: Any, base: str, read: str, ours: bool, elsewhere: str, note: str
) -> None:
    services = cast(Services, Installation(backends, base, read))
    assert (schedule_desk.schedule_of(services) is not None) is ours
    assert schedule_desk.elsewhere(services) == elsewhere
    assert schedule_desk.note(services) == note
