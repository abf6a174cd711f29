"""Lines and callers as no one wishes for: what is stored, what is said, and who is told, each time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agent import speaking
from agent.in_process import PlacedCall
from agent.worker_services import mouth_voice
from audio_fixtures import sounds
from audio_fixtures.sounds import Samples
from dialog.wording import GOODBYE
from models.domain import Language, Pace, Transcript
from models.errors import SynthesisError, WorkerError
from telephony.double import Answer, Staff, Step, parse_steps
from telephony.double.connection import Bursts, Choppy, Connection, Twice, clipping, offset
from telephony.double.sound import read_wav
from tests.calls.conftest import EVENING, ROOT, Practice, steps_of
from voice.mouth import Mouth, MouthConfig
from voice.recorded import Recorded, prompt

CONNECTING = "I'm connecting you with our staff now."
NOT_CAUGHT = "Sorry, I didn't catch that."
TROUBLE = "I'm having trouble hearing you. Could you say that again?"
TROUBLE_AGAIN = "I'm sorry, the line is not clear. Please say it once more, or press zero for a person."
NOBODY = Staff(Answer.RING_OUT)
UNKNOWN = "+16175550187"  # never heard before, so that what others said changes nothing
CLIPS = ROOT / "audio_fixtures"
Sound = Callable[[str, Samples], Step]


def tasks(call: PlacedCall) -> list[tuple[str, str]]:
    return [(task.kind, task.priority) for task in call.tasks]


def assert_a_person_came(call: PlacedCall) -> None:
    assert CONNECTING in call.said[-1]
    assert call.result.dialled
    assert call.stored.disposition == "transferred"


# --------------------------------------------------------------------------- the sound


def asks_again(said: str) -> bool:
    return said.startswith((NOT_CAUGHT, "I didn't hear an answer."))


def test_sound_clipped_beyond_words_is_asked_for_again(practice: Practice) -> None:
    twice = Connection(through=lambda samples: clipping(clipping(samples)))
    call = practice.plays("wants-refill", connection=twice, number=UNKNOWN)
    assert asks_again(call.said[1])
    assert call.heard[1]
    assert call.said[1].startswith(call.heard[1])
    assert not call.tasks


def test_what_is_heard_in_clipped_sound_is_asked_for_or_read_back_and_never_just_done(
    practice: Practice,
) -> None:
    call = practice.plays("wants-refill", connection=Connection(through=clipping), number=UNKNOWN)
    reply = call.said[1]
    read_back = call.understood[1] in reply and reply.endswith("Is that right?")
    assert asks_again(reply) or read_back or reply == "May I have your full name?"
    assert all(task.priority == "routine" for task in call.tasks)


def assert_name_given(call: PlacedCall) -> None:
    """What was said became two turns and no more, was answered, and made nobody any work."""
    assert "refill" in call.understood[1]
    assert call.understood[2:] == ["my name is maria lopez"]
    assert call.said[1:] == ["May I have your full name?", "And what is your date of birth?"]
    assert call.heard[:2] == call.said[:2]
    assert not call.tasks


def test_a_line_whose_zero_is_not_zero_is_understood(practice: Practice) -> None:
    assert_name_given(practice.plays("name-given", connection=Connection(through=offset)))


def test_a_choppy_line_is_understood(practice: Practice) -> None:
    assert_name_given(practice.plays("name-given", connection=Connection(carriage=lambda: Choppy(1, 10))))


@pytest.mark.parametrize("lengths", [(1, 40, 3, 75, 7), (25,)])
def test_late_audio_is_understood_when_it_comes(practice: Practice, lengths: tuple[int, ...]) -> None:
    late = Connection(carriage=lambda: Bursts(lengths))
    assert_name_given(practice.plays("name-given", connection=late))


def test_audio_that_comes_twice_is_heard_once(practice: Practice) -> None:
    """Heard double, "I need a refill" once became a billing question."""
    assert_name_given(practice.plays("name-given", connection=Connection(carriage=Twice)))


def test_two_people_at_once_start_nothing_that_is_not_asked_back(practice: Practice, sound: Sound) -> None:
    first, second = (read_wav(CLIPS / f"{name}.wav") for name in ("maria-wants-refill", "james-wants-visit"))
    length = min(len(first), len(second))
    both = (first[:length] // 2 + second[:length] // 2).astype(np.int16)
    call = practice.plays(
        (*parse_steps(["wait:17"]), sound("both", both), *parse_steps(["wait:4", "hangup"]))
    )
    assert len(call.understood) == 2
    assert call.said[1].endswith("?"), "whatever was made of it, a question follows"
    assert not call.stored.done
    assert not call.tasks


# --------------------------------------------------------------------------- one-way and silence


@pytest.mark.parametrize(
    "connection",
    [Connection(), Connection(carriage=lambda: Choppy(2, 1))],
    ids=["silent", "no audio at all"],
)
def test_a_caller_whom_we_do_not_hear_reaches_a_person(practice: Practice, connection: Connection) -> None:
    call = practice.plays("says-nothing", connection=connection)
    assert not any(call.understood)
    assert call.said[1].startswith("I didn't hear an answer.")
    assert call.said[2].startswith("I'm sorry, I still can't hear you.")
    assert call.heard == call.said
    assert_a_person_came(call)


def test_a_silent_caller_whom_nobody_takes_is_called_back(practice: Practice) -> None:
    call = practice.plays("says-nothing", staff=NOBODY)
    assert any("I'm asking our staff to call you back." in said for said in call.said)
    assert tasks(call) == [("same-day-callback", "urgent")]


def test_a_caller_who_does_not_hear_us_is_told_so_and_put_through(practice: Practice) -> None:
    call = practice.plays("cannot-hear-us")
    assert [words.endswith("can you hear me") for words in call.understood] == [False, True, True, True]
    assert call.said[1] == "Hello. How can I help?"
    assert call.said[2].startswith("I can hear you. If you cannot hear me, please hang up and call again.")
    assert_a_person_came(call)


# --------------------------------------------------------------------------- machines


def test_a_fax_machine_gets_a_sentence_and_staff_a_note(practice: Practice, sound: Sound) -> None:
    call = practice.plays((sound("fax", sounds.fax(30)),))
    assert not any(call.understood)
    assert call.said[1] == "This number takes calls by voice only, and no faxes."
    assert practice.was_played(call, call.said[1])
    assert tasks(call) == [("routine-message", "routine")]
    assert "fax machine" in call.tasks[0].summary
    assert not call.result.dialled, "nobody is put through to a fax machine"


TYPES = ["wait:14"]


def test_who_types_on_a_text_telephone_reaches_a_person(practice: Practice, sound: Sound) -> None:
    call = practice.plays((*parse_steps(TYPES), sound("tty", sounds.tty()), *parse_steps(["wait:30"])))
    assert not any(call.understood), "its tones are no words"
    assert call.said[1] == f"I hear a text telephone. {CONNECTING}"
    assert_a_person_came(call)


@pytest.mark.parametrize("when", ["nobody answers", "the practice is closed"])
def test_who_types_and_reaches_nobody_is_called_back_by_relay(
    practice: Practice, sound: Sound, when: str
) -> None:
    steps = (*parse_steps(TYPES), sound("tty", sounds.tty()), *parse_steps(["wait:45"]))
    call = practice.plays(steps, staff=NOBODY) if "nobody" in when else practice.plays(steps, now=EVENING)
    assert tasks(call) == [("same-day-callback", "urgent")]
    assert "relay service, 711" in call.tasks[0].summary
    assert call.tasks[0].callback_number == "+16175550123"


# --------------------------------------------------------------------------- no end of it


class Babble:
    """An ear that hears the same idle words in everything: recognising half an hour would take minutes."""

    async def __call__(self, method: str, *_: object) -> Any:
        return (
            Transcript("the sea was calm that day and the fisherman said", 0.9) if method == "finish" else ""
        )


@pytest.fixture(scope="session")
def talk() -> Samples:
    """Speech without a pause: played backwards, its silences cut out."""
    names = ("james-wants-visit", "james-dob", "james-when")
    whole = np.concatenate([read_wav(CLIPS / f"{name}.wav")[::-1] for name in names])
    frames = whole[: len(whole) // 160 * 160].reshape(-1, 160)
    spoken: Samples = frames[np.abs(frames).max(axis=1) > 600].reshape(-1)
    return spoken


def half_an_hour(practice: Practice, talk: Samples, **changes: Any) -> PlacedCall:
    steps = parse_steps(["wait:1800"])
    return practice.plays(
        steps, connection=Connection(background=talk), ears=(Babble(),), longest_s=1_900, **changes
    )


def test_half_an_hour_without_a_pause_reaches_a_person_in_two_minutes(
    practice: Practice, talk: Samples
) -> None:
    call = half_an_hour(practice, talk)
    assert CONNECTING in call.said
    assert call.result.dialled
    assert call.result.events[-1].at_ms < 120_000
    assert len(call.stored.turns) < 8, "each utterance is bounded, and so is their number"


def test_half_an_hour_without_a_pause_ends_and_is_told_out_of_hours(
    practice: Practice, talk: Samples
) -> None:
    call = half_an_hour(practice, talk, now=EVENING)
    assert call.stored.ended is not None
    assert any(said.startswith("I'm sorry, I couldn't help you on this call.") for said in call.said)
    assert tasks(call) == [("same-day-callback", "urgent")]
    assert "without a pause" in call.tasks[0].summary
    assert call.result.events[-1].at_ms < 120_000


# --------------------------------------------------------------------------- engines that die or hang


class Dying:
    """An ear whose worker is killed in the middle of every utterance."""

    async def __call__(self, method: str, *_: object) -> Any:
        if method == "feed":
            raise WorkerError("ear-1: died")
        return ""


class Hanging:
    """An ear whose worker never answers again."""

    async def __call__(self, method: str, *_: object) -> Any:
        if method == "finish":
            await asyncio.Event().wait()
        return ""


def test_an_utterance_outlives_its_worker_on_another_one(practice: Practice) -> None:
    call = practice.plays("wants-refill", ears=(Dying(), *practice.engines.ears))
    assert "refill of my lisinopril" in call.understood[1]
    assert call.said[1] == "May I have your full name?"


def test_a_worker_that_hangs_costs_one_reprompt_and_is_left_alone(practice: Practice) -> None:
    refill = steps_of("wants-refill")
    call = practice.plays((refill[0], *refill), ears=(Hanging(), *practice.engines.ears))
    assert call.said[1] == TROUBLE
    assert "refill of my lisinopril" in call.understood[2], "said again, and heard by the other worker"
    assert call.said[2] == "May I have your full name?"


@pytest.mark.parametrize("ear", [Dying, Hanging])
def test_three_failures_in_a_row_reach_a_person(practice: Practice, ear: type) -> None:
    call = practice.plays("says-it-four-times", ears=(ear(), ear()))
    assert call.said[1:] == [TROUBLE, TROUBLE_AGAIN, CONNECTING]
    assert_a_person_came(call)


def test_a_caller_who_is_being_put_through_is_not_told_to_wait(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes to notice that our last words are over."""
    monkeypatch.setattr(speaking, "PUMP_S", 1.0)
    call = practice.plays("says-it-four-times", ears=(Dying(), Dying()))
    assert call.said[-1] == CONNECTING


def test_three_failures_out_of_hours_are_a_task(practice: Practice) -> None:
    call = practice.plays("says-it-four-times", ears=(Dying(),), now=EVENING)
    assert call.said[1:3] == [TROUBLE, TROUBLE_AGAIN]
    assert call.said[3].startswith("I'm sorry, I couldn't help you on this call.")
    assert tasks(call) == [("same-day-callback", "urgent")]
    assert "speech recognition failed" in call.tasks[0].summary


class ThatIsAll:
    """An ear that hears the caller say goodbye."""

    async def __call__(self, method: str, *_: object) -> Any:
        return Transcript("that's all thank you goodbye", 0.9) if method == "finish" else ""


class DumbAt(Mouth):
    """A voice that fails at sentences with these words."""

    words: str

    async def render(
        self,
        text: str,
        first: bool = False,
        pace: Pace = Pace.NORMAL,
        language: Language = Language.ENGLISH,
    ) -> bytes:
        if self.words in text:
            raise SynthesisError("no engine speaks")
        return await super().render(text, first, pace, language)


def without_voice_at(practice: Practice, words: str) -> Practice:
    dumb = DumbAt(None, MouthConfig(voice=mouth_voice(practice.settings)))
    dumb.words = words
    return replace(practice, engines=replace(practice.engines, mouth=dumb))


def test_a_voice_lost_at_the_goodbye_puts_the_caller_through_as_it_says(practice: Practice) -> None:
    """The recorded sentence says that a person comes; the line once ended instead."""
    dumb = without_voice_at(practice, GOODBYE)
    call = dumb.plays((steps_of("wants-refill")[0], *parse_steps(["wait:40"])), ears=(ThatIsAll(),))
    assert prompt(Recorded.CONNECTING)[:4_000] in call.result.agent_mulaw
    assert call.result.dialled


class ChestPain:
    """An ear that hears a danger sign."""

    async def __call__(self, method: str, *_: object) -> Any:
        return Transcript("i have crushing chest pain", 0.9) if method == "finish" else ""


def test_a_danger_that_no_voice_can_answer_reaches_staff_and_a_person(practice: Practice) -> None:
    dumb = without_voice_at(practice, "call 911 now")
    call = dumb.plays((steps_of("wants-refill")[0], *parse_steps(["wait:40"])), ears=(ChestPain(),))
    assert prompt(Recorded.CONNECTING)[:4_000] in call.result.agent_mulaw
    assert call.result.dialled
    assert ("red-flag-911", "stat") in tasks(call)
