"""The script of open pages, run by Node on a page of stubs: what it asks, shows and sounds."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE.parents[1] / "console/static/live.js"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="Node runs the page's script")


def shown(mode: str = "") -> dict[str, Any]:
    command = [str(NODE), str(HERE / "live_page.mjs"), str(SCRIPT), mode]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_danger_is_counted_in_title_and_menu_told_and_sounded_once() -> None:
    page = shown()
    assert page["title"] == "(1!) Inbox"
    assert (page["badge"]["textContent"], page["badge"]["hidden"]) == (1, False)
    assert page["news"] == "Something urgent waits for somebody."
    assert page["rung"] == [660, 880]


def test_what_changed_is_told_to_the_page_and_a_broken_stream_goes_on_after_the_last_event() -> None:
    page = shown()
    assert page["changed"] == ["firstring-changed", "firstring-changed"]
    first, second, third = page["asked"]
    assert first == ["/events", {"X-Refresh": "1"}]
    assert second[1]["Last-Event-ID"] == "8"
    assert third[1]["Last-Event-ID"] == "9"
    assert page["again"] == 1


def test_a_browser_that_was_made_quiet_shows_and_does_not_sound() -> None:
    page = shown("quiet")
    assert page["title"] == "(1!) Inbox"
    assert page["rung"] == []


def test_a_role_without_a_queue_is_not_asked_again() -> None:
    page = shown("forbidden")
    assert len(page["asked"]) == 1
    assert page["again"] == 0
