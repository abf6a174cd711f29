"""What staff are told before and after the key, and which numbers are ever dialled."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.hold_music import hold_music
from agent.settings import Settings
from agent.whom_to_reach import after_the_key, may_call, whisper, without_names
from backends.on_call import read_on_call
from backends.practice import load_practice
from backends.practice_file import Table
from models.contact_tables import Transfer

NIGHT = datetime.fromisoformat("2026-11-24T22:00:00-05:00")


def transfer(reason: str, words: str = "", name: str = "", *, urgent: bool = False) -> Transfer:
    return Transfer(id="t", action_id="a", reason=reason, words=words, name=name, urgent=urgent)


def test_what_is_heard_before_the_key() -> None:
    told = whisper(transfer("Danger sign RF01", "My chest hurts", urgent=True), "Harbor Street")
    assert told == (
        "Firstring call for Harbor Street: urgent, possible chest pain, pressure or tightness. "
        "The caller says: My chest hurts. Press 1 to take the call, 2 to pass."
    )
    plain = whisper(transfer("Caller asked for a person"), "Harbor Street")
    assert plain == (
        "Firstring call for Harbor Street: caller asked for a person. Press 1 to take the call, 2 to pass."
    )


def test_the_name_follows_the_key() -> None:
    assert "Maria Lopez" in after_the_key(transfer("", name="Maria Lopez"))
    assert after_the_key(transfer("")) == "You are being connected."


def test_names_and_numbers_are_left_out_of_the_words() -> None:
    said = "this is Maria Lopez, born 3/5/1981, call 617-555-0123: Lopez's knee hurts"
    assert without_names(said, "Maria Lopez") == "this is born call knee hurts"


@given(st.lists(st.sampled_from("my knee hurts Maria lopez LOPEZ maria's 1981 a1b".split()), max_size=60))
def test_no_name_and_no_digit_ever_passes(words: list[str]) -> None:
    left = without_names(" ".join(words), "Maria Lopez").lower()
    assert not {"maria", "lopez", "maria's"} & set(left.split())
    assert not any(char.isdigit() for char in left)
    assert len(left.split()) <= 30


def test_no_number_is_dialled_but_the_practices_own() -> None:
    practice = load_practice()
    assert may_call(Settings(), practice) == {"+16175550100", "+16175550181", "+16175550182"}
    assert "+16175550199" in may_call(Settings(staff_number="+16175550199"), practice)


def test_the_gaps_in_which_nobody_is_on_call() -> None:
    contacts = [{"name": "Dr. Chen", "phone": "+16175550181"}]
    shifts = [{"who": "Dr. Chen", "times": ["17:00-06:00"]}]
    file = Table("practice.toml", "", {"contacts": contacts, "on_call": shifts})
    practice = replace(load_practice(), on_call=read_on_call(file))
    gaps = list(practice.gaps(NIGHT, 1))
    assert [
        (begin.astimezone(practice.zone).hour, end.astimezone(practice.zone).hour) for begin, end in gaps
    ] == [
        (6, 8),
        (12, 13),
    ]
    everywhere = [{"who": "Dr. Chen"}]
    full = Table("practice.toml", "", {"contacts": contacts, "on_call": everywhere})
    assert list(replace(practice, on_call=read_on_call(full)).gaps(NIGHT, 14)) == []
    alone = replace(practice, on_call=read_on_call(Table("practice.toml", "", {})), hours=())
    assert list(alone.gaps(NIGHT, 14)) == [(NIGHT, NIGHT + timedelta(days=14))]


def test_the_music_is_never_silent_and_never_loud() -> None:
    with wave.open(io.BytesIO(hold_music())) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8_000, 1, 64_000)
        samples = np.frombuffer(file.readframes(64_000), "<i2").astype(float)
    loud = np.abs(samples).reshape(-1, 800).max(axis=1)  # of each tenth of a second
    assert 200 < loud.min() <= loud.max() < 3_000
