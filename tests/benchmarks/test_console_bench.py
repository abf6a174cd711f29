"""The year of calls that the console is timed with: its rows open on their pages and are found."""

from __future__ import annotations

from pathlib import Path

from agent.local_server import demo_settings
from agent.settings import with_secrets
from benchmarks.console import SEARCHES, Timing, measure
from console.routes import TABLE


async def test_every_page_is_asked_for_and_opens(tmp_path: Path) -> None:
    settings = with_secrets(demo_settings(tmp_path))
    rows = [row async for row in measure(settings, calls=120, patients=250, times=1)]
    told = "\n".join(rows)
    for key in TABLE:
        if key.startswith("GET "):
            assert f"| {key} |" in told
    for key in ("GET /calls/{call_id}", "GET /tasks/{task_id}", "GET /inbox", "GET /home", "GET /calls"):
        row = next(row for row in rows if f"| {key} |" in row)
        assert "answers" not in row, row
    for what in SEARCHES:
        assert f"search: {what} " in told
    frequent = next(row for row in rows if "search: a frequent word" in row)
    assert "No call" not in frequent


def test_what_takes_too_long_is_told() -> None:
    row = Timing("GET /home", "page", 90.0, 151.0, 80.0).row("sqlite")
    assert row == "| sqlite | GET /home | 90 | 151 | 80 | <= 150 | **MISSED** |"
    assert "MISSED" not in Timing("a search", "search", 90.0, 151.0, 80.0).row("sqlite")
    absent = Timing("GET /x/{id}", "", note="not measured: no id here").row("sqlite")
    assert absent == "| sqlite | GET /x/{id} | – | – | – | | not measured: no id here |"
