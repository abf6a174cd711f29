"""One stage for all simulated calls of a test process: loading the understanding takes some seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.rehearsal.stage import Stage, open_stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with open_stage() as opened:
        yield opened
