"""What callers ask of ourselves: whether a machine speaks, and that nothing be recorded."""

from __future__ import annotations

import re

from dialog import wording
from dialog.moves import again
from dialog.reading import names_person, says
from dialog.turn import Turn
from models.domain import RecordingStopped, Result, StopRecording, Understanding

_ROBOT = re.compile(
    r"\b(are you|am i (talking|speaking) (to|with)|is this) (really )?(a |an )?"
    r"(live |real |actual )?(robot|machine|computer|bot|recording|ai|human|person)\b"
    # with a word or two misheard
    r"|\b(are( \w+)? you|am i (talking|speaking)( \w+)?|is this) (\w+ ){0,2}(robot|machine|computer|bot)\b"
)
_OR_A_PERSON = re.compile(
    r"\bor (is this |am i \w+ (to|with) )?(a |an )?((real|live|actual) )*(person|human)( being)?\b"
)
_DO_NOT_RECORD = re.compile(
    r"\b(do not|don't|dont|stop|quit|can you not|could you not|would you not) (be )?record(ing)?\b"
    r"|\b(don't|dont|do not|not) (want|wish|like|agree|consent)( you| me| this| the call| my call)?( for)?"
    r"( to)?( be| being)? record(ed|ing)\b|\b(rather not|not to|without) (be |being )record(ed|ing)\b"
    r"|\b(no|without|without the|without a) recording\b"
    r"|\b(turn|switch) off (the |this |that |your )?record(ing|er)\b"
    r"|\b(turn|switch) (the |this |that |your )?record(ing|er) off\b"
    r"|\bopt out of (the |being )?record(ing|ed)\b"
)


def asks_for_robot(heard: Understanding) -> bool:
    return says(heard, _ROBOT)


def asks_for_robot_and_person(heard: Understanding) -> bool:
    """ "Are you a robot? Get me a person": what is left beside the question names somebody."""
    beside = _OR_A_PERSON.sub(" ", _ROBOT.sub(" ", heard.text.lower()))
    return asks_for_robot(heard) and names_person(beside)


def asks_not_recorded(heard: Understanding) -> bool:
    return says(heard, _DO_NOT_RECORD)


def not_recorded(turn: Turn) -> Turn:
    """Goes on unrecorded. The question now open is put again once it is done."""
    turn = turn.note(recording_declined=True).say(wording.STOPPING_RECORDING)
    return turn.act("recording.stop", StopRecording).stop()


def recording_stopped(turn: Turn, result: Result) -> Turn:
    stopped = isinstance(result, RecordingStopped)
    return turn.say(wording.NOT_RECORDED if stopped else wording.STILL_RECORDED)


def robot(turn: Turn) -> Turn:
    return again(turn.say(wording.ROBOT))
