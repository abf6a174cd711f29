"""Every stage of a real call is in the figures, and nothing else is in their labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import REGISTRY, generate_latest

from agent import parts_file
from agent.parts_file import PartState
from agent.refused import door_of
from agent.stages import Stage, Stages
from models.domain import Phase, RedFlagRaised


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_stage_is_counted_as_long_as_it_took() -> None:
    before = (
        sample("firstring_stage_seconds_sum", stage="act"),
        sample("firstring_stage_seconds_count", stage="act"),
    )
    assert Stages().passed(Stage.ACT, 1_000.0, 1_250.0) == 250.0
    assert sample("firstring_stage_seconds_sum", stage="act") == pytest.approx(before[0] + 0.25)
    assert sample("firstring_stage_seconds_count", stage="act") == before[1] + 1


async def test_a_practices_own_rule_has_no_label_of_its_own() -> None:
    """Its id is what somebody at the practice wrote."""
    other = sample("firstring_red_flags_total", flag="other", disposition="urgent")
    chest = sample("firstring_red_flags_total", flag="RF01", disposition="emergency")
    raised = (RedFlagRaised("RF01", "emergency", "my chest"), RedFlagRaised("mrs-doe", "urgent", "worse"))
    Stages().decided(0.0, 1.0, Phase.HANDOFF, raised)
    assert sample("firstring_red_flags_total", flag="other", disposition="urgent") == other + 1
    assert sample("firstring_red_flags_total", flag="RF01", disposition="emergency") == chest + 1
    assert "mrs-doe" not in generate_latest().decode()


async def test_who_answers_a_call_is_timed_to_the_first_sound_alone() -> None:
    count = sample("firstring_answer_seconds_count")
    stages = Stages(rang_ms=1_000.0)
    stages.sounded(1_400.0)
    stages.sounded(9_000.0)
    assert sample("firstring_answer_seconds_count") == count + 1


def test_what_the_supervisor_wrote_is_read_and_nothing_else_breaks_the_scrape(tmp_path: Path) -> None:
    assert parts_file.read(tmp_path) == {}
    parts_file.write(tmp_path, {"ear-1": PartState(7, 3)})
    assert parts_file.read(tmp_path) == {"ear-1": PartState(7, 3)}
    for broken in ("", "[1]", '{"ear-1": 7}', '{"ear-1": ["x", 1]}', '{"ear-1": [1]}'):
        (tmp_path / parts_file.NAME).write_text(broken)
        assert parts_file.read(tmp_path) == {}


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/twilio/voice", "voice"),
        ("/twilio/media/abc.def", "media"),
        ("/twilio/Zebulon", "other"),
        ("/Zebulon/Quackenbush", "other"),
        ("/healthz", "healthz"),
        ("/", "other"),
    ],
)
def test_a_door_is_one_of_ours_or_other(path: str, door: str) -> None:
    assert door_of(path) == door
