"""Callers who ask for a person, and what the practice's telephone then does; and a server that is gone."""

from __future__ import annotations

import numpy as np
import pytest

from telephony.double import Answer, Caller, Ending, Fault, Staff, parse_steps
from telephony.double.faults import ALWAYS
from telephony.double.manner import dial_document
from telephony.double.sound import read_wav, to_samples
from tests.calls.conftest import EVENING, ROOT, Practice

DESK = "+16175550100"  # the fictional practice's own number: STAFF_NUMBER is not set
CLIPS = ROOT / "audio_fixtures"
ASKS, CALLER_SAYS, STAFF_SAYS = "linda-person", "james-name", "robert-since"
LINDA = "+16175550136"


def wav(clip: str) -> str:
    return f"wav:{CLIPS / clip}.wav"


def asks(*then: str) -> Caller:
    """Asks for a person, and lets the telephone ring before saying more."""
    return Caller(parse_steps([wav(ASKS), *then]), quiet_s=3.0, patience_s=60.0)


def holds(mulaw: bytearray, clip: str) -> bool:
    """Is the clip in the track? By the peak of their correlation, 1 for an exact copy."""
    track, wanted = (
        to_samples(bytes(mulaw)).astype(float),
        read_wav(CLIPS / f"{clip}.wav").astype(float),
    )
    length = len(track) + len(wanted)
    product = np.fft.irfft(np.fft.rfft(track, length) * np.conj(np.fft.rfft(wanted, length)), length)
    at = int(np.argmax(product[: len(track)]))
    part = track[at : at + len(wanted)]
    return bool(product[at] > 0.8 * np.linalg.norm(part) * np.linalg.norm(wanted) > 0)


def test_caller_and_front_desk_hear_each_other(practice: Practice) -> None:
    talks = Caller(parse_steps([wav(STAFF_SAYS), "wait:9", "hangup"]), patience_s=30.0)
    desk = Staff(ringing_s=0.3, does=talks)
    call = practice.plays(asks(wav(CALLER_SAYS), "wait:60"), number=LINDA, staff=desk)
    (leg,) = call.result.legs
    assert (leg.number, leg.status, call.result.ended) == (DESK, "completed", Ending.AGENT_HUNG_UP)
    assert holds(call.result.agent_mulaw, STAFF_SAYS)
    assert holds(leg.agent_mulaw, CALLER_SAYS)
    assert not holds(leg.agent_mulaw, ASKS), "what was said to the agent is not repeated to staff"
    assert call.stored.disposition == "transferred"
    assert call.result.warnings == []


def test_who_presses_two_at_the_greeting_is_put_through_to_somebody_who_may_speak_spanish(
    practice: Practice,
) -> None:
    presses = Caller(parse_steps(["wait:10", "press:2", "wait:30", "hangup"]), patience_s=60.0)
    call = practice.plays(presses, number="+16175550172", staff=Staff(ringing_s=0.3))
    assert "Para español, press two." in call.said[0]
    assert "I'm connecting you with our staff now." in call.said[1]
    assert [leg.number for leg in call.result.legs] == [DESK]
    assert call.stored.disposition == "transferred"


def test_who_presses_two_at_night_is_called_back_with_an_interpreter(practice: Practice) -> None:
    presses = Caller(parse_steps(["wait:10", "press:2", "wait:20", "hangup"]), patience_s=60.0)
    call = practice.plays(presses, number="+16175550172", now=EVENING)
    assert [(task.kind, task.priority) for task in call.tasks] == [("language-line", "urgent")]
    assert call.result.legs == []


@pytest.mark.parametrize(("answer", "status"), [(Answer.DECLINE, "busy"), (Answer.RING_OUT, "no-answer")])
def test_who_reaches_nobody_is_told_so_and_called_back(
    practice: Practice, answer: Answer, status: str
) -> None:
    call = practice.plays(asks(wav("maria-done")), number="+16175550171", staff=Staff(answer, ringing_s=0.3))
    assert [leg.status for leg in call.result.legs] == [status]
    assert len(call.result.streams) == 2, "the agent took the call back"
    assert "I'm sorry, I couldn't reach anyone." in " ".join(call.said)
    assert "same-day-callback" in [task.kind for task in call.tasks]
    assert call.stored.disposition == "message-taken"
    assert call.result.ended is Ending.AGENT_HUNG_UP


def test_a_line_that_breaks_with_the_server_gone_goes_to_the_practice(practice: Practice) -> None:
    call = practice.plays(
        parse_steps(["hears:1", "drop", "wait:60"]),
        fallback=dial_document(DESK),
        faults={"/twilio/resume": Fault(lost=ALWAYS)},
    )
    assert (call.result.ended, call.result.dialled) == (Ending.DIALLED, [DESK])
    assert call.result.streams[0].ended_by == "dropped"
    assert call.stored.ended, "the carrier's last word closes it"
