"""The replay of human booking dialogues, on dialogues of our own: what is right, wrong and failed."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from agent.workers import local
from benchmarks.booking_caller import Wanted, clock_time, names_hour, same, scene, spoken_name
from benchmarks.booking_dialogues import RIGHT, half_of, play_all, table
from intents.understand import MindService
from models.domain import Opening

TURNS: list[tuple[str, list[tuple[str, str, list[str]]]]] = [
    ("I'd like to see Dr. Hale please", [("INFORM_INTENT", "intent", ["BookAppointment"])]),
    (
        "On the 7th at 2 pm",
        [("INFORM", "appointment_date", ["the 7th"]), ("INFORM", "appointment_time", ["2 pm"])],
    ),
    ("Rather at 3:30 pm", [("INFORM", "appointment_time", ["3:30 pm"])]),
    ("Yes, that's right", [("AFFIRM", "", [])]),
]


def guided(name: str = "ours-1") -> dict[str, Any]:
    turns = [
        {"speaker": "caller", "text": text, "acts": [{"act": a, "slot": s, "values": v} for a, s, v in acts]}
        for text, acts in TURNS
    ]
    slots = {
        "appointment_date": ["the 7th"],
        "appointment_time": ["3:30 pm"],
        "doctor_name": ["Dr. Ann B. Hale, MD"],
    }
    return {"dialogue_id": name, "source": "Schema-Guided", "booked": True, "slots": slots, "turns": turns}


def free_hand() -> dict[str, Any]:
    texts = ["Hi", "I want an appointment with Dr. Morgan on Thursday", "3 pm", "yes please"]
    query = {"DoctorName": "Dr. Morgan", "Day": "Thursday", "StartTimeHour": "3 pm", "PatientName": "Lena"}
    return {
        "dialogue_id": "ours-2", "source": "STAR", "booked": True, "slots": {},
        "goal": "You are Lena and would like an appointment. It is (Monday).",
        "turns": [{"speaker": "caller", "text": text} for text in texts],
        "agent_queries": [{**query, "RequestType": "Check"}, {**query, "RequestType": "Book"}],
    }  # fmt: skip


def test_a_dialogue_is_read_as_what_its_caller_wants() -> None:
    found = scene(guided())
    assert found is not None
    (wanted,) = found.wanted
    assert (wanted.provider, wanted.start.date(), wanted.start.time()) == (
        "Dr. Ann B. Hale, MD", date(2019, 3, 7), time(15, 30),
    )  # fmt: skip
    assert [said.final for said in found.turns] == [False, False, True, False]
    assert scene({**guided(), "booked": False}) is None


def test_the_callers_sentence_fits_the_question() -> None:
    found = scene(guided())
    assert found is not None
    wanted = found.wanted[0]
    right = Opening("o1", "p0", "Doctor Hale", wanted.start, 30)
    other = Opening("o2", "p0", "Doctor Hale", wanted.start.replace(hour=9), 30)
    assert same(right, wanted)
    assert not same(other, wanted)
    assert not same(right, Wanted("Dr. Else", wanted.start))
    assert found.reply("call.open", (), "") == TURNS[0][0]
    assert found.reply("identity.name", (), "") == "Maria Parker"
    assert found.reply("book.when", (), "") == TURNS[1][0]
    assert found.reply("book.pick", (other,), "") == TURNS[2][0]
    assert found.reply("book.confirm", (right,), "o1") == TURNS[3][0]
    assert found.reply("book.confirm", (other,), "o2") == TURNS[2][0]  # says it again: that is not theirs


@pytest.mark.parametrize(
    ("text", "hour", "told"), [("3 pm", 15, True), ("at 3", 15, True), ("3 am", 15, False)]
)
def test_an_hour_is_found_as_people_type_it(text: str, hour: int, told: bool) -> None:
    assert names_hour(text, hour) is told


def test_names_and_times() -> None:
    assert spoken_name("Dr. Ann B. Hale, MD") == "Doctor Hale"
    assert spoken_name("Smile Street") == "Smile Street"
    assert clock_time("half past two") is None
    assert clock_time("12 am") == time(0)


async def test_both_kinds_are_booked_by_the_whole_dialog(tmp_path: Path) -> None:
    service = MindService()
    service.load()
    wanted = [found for row in (guided(), free_hand()) if (found := scene(row))]
    played = await play_all(wanted, local(service))
    assert [one.outcome for one in played] == [RIGHT, RIGHT], [one.asked for one in played]
    printed = table(played)
    assert "| booked right |" in printed
    assert {half_of("ours-1"), half_of("ours-2")} <= {"mend", "score"}
