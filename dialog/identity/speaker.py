"""Who speaks for a patient: known by their words, asked for their own name; then the chart decides.

Their name goes into the same check as the patient's data. So a chart without their authority answers as one
that is not there, and nobody learns from it who is a patient.
"""

from __future__ import annotations

from dialog import authority, relatives, wording
from dialog.flows import FLOWS
from dialog.identity import asking, birth
from dialog.reading import values, words_at, yes
from dialog.state import Wish
from dialog.steps import Step, expect_yes_no
from dialog.turn import Turn
from models.domain import (
    Disposition,
    Expectation,
    ExpectationKind,
    IdentityLevel,
    Priority,
    TaskKind,
    Understanding,
)
from words.relatives import is_relative

CALLER = "identity.caller"  # the question for the caller's own name
YOUR_NAME = "And what is your own name?"
ARE_YOU_GUARDIAN = "Are you the patient's parent or guardian?"
NO_PERMISSION = "I don't have permission on file for that."
IS_PATIENT_THERE = "Is the patient there with you to allow it?"
PUT_ON = "Please put the patient on the line."
CONSTANTS = (NO_PERMISSION, IS_PATIENT_THERE, PUT_ON)
_CLAIM = (
    "name",
    "names",
    *birth.FACTS,
    "age",
    "dob_rejected",
    "zip",
    "want_zip",
    "for_self",
    "want_for_self",
)
_SPELLING = ("names_before", "want_spelling", "spelled", "letters", "spellings")
_SPEAKER = ("proxy", "caller_name", "caller_names", "relation", "guardian", "want_permission")


def note(turn: Turn, heard: Understanding) -> Turn:
    """Keep that the caller speaks for somebody, as long as nobody has been verified."""
    relation = relatives.relation_in(heard)
    known = turn.state.known
    if relatives.points_away(heard) and "for_self" not in known:
        turn = turn.note(want_for_self=True)
    if not relation or turn.state.identity is not IdentityLevel.L0:
        return turn
    if known.get("patient_speaks") and turn.state.asking not in asking.WHO_IT_IS:
        return turn
    if turn.known("name") and not turn.known("dob") and not known.get("proxy"):  # it was their own
        turn = turn.note(caller_name=turn.known("name"), caller_names=turn.known("names"))
        turn = turn.forget("name", "names")
    return asking.for_another(turn, relation)


def keep_name(turn: Turn, heard: Understanding) -> Turn:
    """The caller's own name, of one who speaks for another."""
    name = heard.entities.get("name")
    if name is None or len(str(name.value).split()) < 2:
        return turn
    said = words_at(heard, "name") or str(name.value)  # the roster that names are heard with is of patients
    names = dict.fromkeys((said, *values(name)))
    return turn.note(caller_name=said, caller_names="|".join(names))


def is_own_name(turn: Turn, heard: Understanding) -> bool:
    """ "This is Ann Smith, calling for my mother" names the caller; "my mother Maria Lopez" the patient."""
    name = heard.entities.get("name")
    if turn.state.asking == CALLER:
        return True
    if name is None or not authority.speaks_for_another(turn) or turn.state.asking.startswith("identity."):
        return False
    before = heard.text[: name.span[0]].lower().rstrip(" ,").split()
    return not before or not is_relative(before[-1])


def _hear_caller(turn: Turn, heard: Understanding) -> Turn | None:
    """Who gives the patient's own name speaks for nobody else."""
    if not turn.known("caller_names"):
        return None
    same = turn.known("caller_name").lower() == turn.known("name").lower()
    return turn.forget(*_SPEAKER).note(guardian=False) if same else turn


def _hear_guardian(turn: Turn, heard: Understanding) -> Turn | None:
    answer = False if relatives.for_self(heard) else yes(heard)
    if answer is None:
        return None
    return asking.for_another(turn, "child") if answer else turn.note(guardian=False)


def _ask_permission(turn: Turn) -> Turn:
    return turn.ask("identity.permission", NO_PERMISSION, IS_PATIENT_THERE)


def _hear_permission(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    return put_on(turn) if answer else give_up(turn)


def put_on(turn: Turn) -> Turn:
    """The patient is there: first they say who they are, then whether this caller may speak for them."""
    caller, relation = turn.known("caller_name"), turn.known("relation")
    aside = (Wish(turn.state.flow, turn.state.slots, aside=True),) if turn.state.flow else ()
    turn = turn.forget(*_CLAIM, *_SPELLING, *_SPEAKER).note(patient_speaks=True, guardian=False)
    turn = turn.note(want_zip=True)  # the number was not theirs, and few attempts are left
    turn = turn.but(queue=(*aside, *turn.state.queue)).say(PUT_ON)
    return turn.begin("permission", caller=caller, relation=relation)


def give_up(turn: Turn) -> Turn:
    """Nothing is given; what they want to tell is taken."""
    turn = turn.settle(Disposition.IDENTITY_FAILED).note(identity_failed=True)
    turn = turn.forget(*_CLAIM, *_SPELLING, "want_permission")
    flow = FLOWS.get(turn.state.flow)
    return turn.say(wording.ALL_RIGHT) if flow and flow.survives_refusal else message(turn)


def unproven(turn: Turn) -> Turn:
    """Who claims to be the patient after all and could not show it is nobody, as before the claim; what was
    put aside for them is the message.
    """
    turn = turn.but(identity=IdentityLevel.L0, patient_id="", queue=()).note(identity_failed=True)
    return message(turn.settle(Disposition.IDENTITY_FAILED).say(wording.NEEDS_STAFF))


def message(turn: Turn) -> Turn:
    """A message for staff, who can look after the permission; identical whether or not there is a chart."""
    kind, priority = TaskKind.PROXY_AUTHORIZATION_NEEDED.value, Priority.ROUTINE.value
    turn = turn.say(wording.TAKE_MESSAGE)
    return turn.begin("message", kind=kind, priority=priority, promised=True)


def _expect_name(turn: Turn) -> Expectation:
    return Expectation(ExpectationKind.NAME)


STEPS = (
    Step(
        "guardian",
        ARE_YOU_GUARDIAN,
        due=lambda turn: (
            authority.is_child(turn)
            and not authority.speaks_for_another(turn)
            and "guardian" not in turn.state.known
        ),
        hear=_hear_guardian,
        expect=expect_yes_no,
        reasks=("Are you a parent or guardian, yes or no?", "Press 1 for parent or guardian, or 2 if not."),
    ),
    Step(
        "caller",
        YOUR_NAME,
        due=lambda turn: authority.speaks_for_another(turn) and not turn.known("caller_names"),
        hear=_hear_caller,
        expect=_expect_name,
        reasks=(
            "What are your own first and last names?",
            "Please say your own name slowly, first and last.",
        ),
    ),
    Step(
        "permission",
        _ask_permission,
        due=lambda turn: turn.state.known.get("want_permission") is True,
        hear=_hear_permission,
        expect=expect_yes_no,
        reasks=("Is the patient with you, yes or no?", "Press 1 if the patient is with you, or 2 if not."),
    ),
)
