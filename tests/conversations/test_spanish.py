"""A practice that has signed the Spanish wordings, by the whole stack."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intents.understand import MindService
from models.domain import OpenTask, TaskKind
from tests.backends.test_spanish_prompts import copied
from tests.conversations.conftest import EVENING, STRANGER, Line, _line
from voice import espeak

pytestmark = pytest.mark.skipif(not espeak.available(), reason="libespeak-ng is not installed")


@pytest.fixture
async def signed_line(
    seeded: Path, tmp_path: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Line]:
    """The practice in the evening, with its signed copy in the data folder."""
    shutil.copytree(seeded, tmp_path / "signed")
    copied(tmp_path / "signed")
    async with await _line(tmp_path / "signed", tmp_path, mind, monkeypatch, EVENING) as services:
        yield Line(services)


async def test_a_danger_typed_in_spanish_is_answered_in_the_signed_words(signed_line: Line) -> None:
    call = await signed_line.call(STRANGER)
    (decision, *_) = await call.keyboard.hear("me duele mucho el pecho")
    assert [sentence.language.value for sentence in decision.say] == ["es", "es"]
    assert decision.say[-1].text == "¿Puede llamar al 911 ahora mismo?"
    record = await call.hangs_up()
    tasks = [done.action.kind for done in record.done if isinstance(done.action, OpenTask)]
    assert TaskKind.RED_FLAG_911 in tasks


async def test_key_two_in_the_evening_leaves_a_call_back_with_an_interpreter(signed_line: Line) -> None:
    call = await signed_line.call(STRANGER)
    assert "Para español, oprima el dos." in call.heard[0]
    assert "le llame con un intérprete. Ya les avisé." in await call.presses("2")
    record = await call.hangs_up()
    tasks = [done.action.kind for done in record.done if isinstance(done.action, OpenTask)]
    assert tasks == [TaskKind.LANGUAGE_LINE]


async def test_without_a_signed_copy_both_are_english(evening_line: Line) -> None:
    call = await evening_line.call(STRANGER)
    assert "Para español, press two." in call.heard[0]
    assert "call you back with an interpreter." in await call.presses("2")
