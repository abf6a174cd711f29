"""The script of keyboard review, run by Node on a page of stubs: where keys lead, and when they do not."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE.parents[1] / "console/static/review.js"
NODE = shutil.which("node")
LIST = {"list": "/calls?unreviewed=yes", "calls": ["/calls/CA1", "/calls/CA2#turn-3", "/calls/CA3"]}

pytestmark = pytest.mark.skipif(NODE is None, reason="Node runs the page's script")


def after(keys: str, path: str = "/calls", **setting: object) -> dict[str, Any]:
    told = json.dumps({"keys": keys.split(), "path": path, **setting})
    command = [str(NODE), str(HERE / "review_page.mjs"), str(SCRIPT), told]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_j_and_k_go_down_and_up_and_stop_at_the_ends() -> None:
    assert after("j")["at"] == 0
    assert after("j j k")["at"] == 0
    last = after("j j j j")
    assert (last["at"], last["news"]) == (2, "This is the last call of this page.")
    assert after("k")["at"] == 2


def test_o_opens_the_call_that_has_the_focus_at_its_words() -> None:
    assert after("j j o")["went"] == ["/calls/CA2#turn-3"]
    assert after("o")["went"] == []


def test_the_list_is_remembered_for_the_calls_that_are_opened_from_it() -> None:
    assert after("j", query="?unreviewed=yes")["kept"] == LIST


def test_in_a_call_the_keys_lead_on_through_the_list_and_back_to_it() -> None:
    assert after("j", "/calls/CA1", kept=LIST)["went"] == ["/calls/CA2#turn-3"]
    assert after("k", "/calls/CA3", kept=LIST)["went"] == ["/calls/CA2#turn-3"]
    assert after("u", "/calls/CA3", kept=LIST)["went"] == ["/calls?unreviewed=yes"]
    assert after("u", "/calls/CA3")["went"] == ["/calls"]
    end = after("j", "/calls/CA3", kept=LIST)
    assert (end["went"], end["news"][:15]) == ([], "No further call")


@pytest.mark.parametrize("keys", ["ctrl-j", "x", "toString"])
def test_other_keys_stay_the_browsers(keys: str) -> None:
    page = after(keys)
    assert (page["at"], page["prevented"]) == (-1, [])


def test_letters_that_are_written_are_letters() -> None:
    page = after("j o", writing=True)
    assert (page["at"], page["prevented"]) == (-1, [])


def test_the_keys_can_be_switched_off() -> None:
    page = after("j", switched=True)
    assert (page["at"], page["button"], page["isShown"]) == (-1, "Letter keys: off", True)
    assert after("j")["button"] == "Letter keys: on"


def test_pages_without_calls_have_no_such_keys() -> None:
    assert after("j k u", "/home")["prevented"] == []
