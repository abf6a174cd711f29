"""A request that the care team has already: asked about once a call, and where it stands.

Nothing of the chart is named: "your open request", unless the caller named the medicine in this call.
"""

from __future__ import annotations

from dialog.flows.refill_heard import absorb as absorb_medicines
from dialog.flows.refill_list import has_current, wanted
from dialog.medicines import named
from dialog.reading import yes
from dialog.steps import Flow, Step, expect_yes_no
from dialog.turn import Turn
from models.domain import Disposition, OpenRequest, ProxyScope, RequestStage, Understanding

YOU_HAVE_ONE = "You have an open request with the care team."
IS_IT_THAT = "Are you calling about that?"
WITH_CARE_TEAM = "Your open request is with the care team."
USUALLY = "It usually takes up to 48 hours from when you asked."
ANSWERED = "The care team has answered your request."
CALL_PHARMACY = "Please call your pharmacy to hear if it is ready."
MUST_TALK = "The care team has looked at your request, and would like to speak with you."
NO_REQUEST = "I don't see an open request."
ASK_FOR_ONE = "Would you like to ask for a refill?"
CONSTANTS = (
    *(YOU_HAVE_ONE, IS_IT_THAT, WITH_CARE_TEAM, USUALLY, ANSWERED, CALL_PHARMACY, MUST_TALK, NO_REQUEST),
    ASK_FOR_ONE,
)


def _requests(turn: Turn) -> tuple[OpenRequest, ...]:
    return turn.patient.open_requests if turn.patient else ()


def _open_ones(turn: Turn) -> list[OpenRequest]:
    return [one for one in _requests(turn) if one.stage is RequestStage.WITH_CARE_TEAM]


def _ask_due(turn: Turn) -> bool:
    """It fits the medicine that was named, or no medicine was named."""
    if turn.state.known.get("open_told"):
        return False
    if turn.has("order_id"):
        return any(one.order_id == turn.slot("order_id") for one in _open_ones(turn))
    return bool(_open_ones(turn)) and not has_current(turn) and not wanted(turn)


def _ask(turn: Turn) -> Turn:
    return turn.note(open_told=True).ask("refill.open", YOU_HAVE_ONE, IS_IT_THAT)


def _hear(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return turn if has_current(turn) else None
    return turn.done().begin("status", order_id=turn.slot("order_id") or None) if answer else turn


STEPS = (
    Step(
        "open",
        _ask,
        _ask_due,
        _hear,
        expect_yes_no,
        ("Is it about that request, yes or no?", "Press 1 if it is about that request, or 2 if it is not."),
    ),
)


# --------------------------------------------------------------------------- where it stands


def _which(turn: Turn) -> OpenRequest | None:
    """The request for the medicine that was named; else the newest that is open, else the newest."""
    requests = _requests(turn)
    order_ids = _named_orders(turn)
    if order_ids:
        return next((one for one in requests if one.order_id in order_ids), None)
    return next(iter((*_open_ones(turn), *requests)), None)


def _named_orders(turn: Turn) -> set[str]:
    if turn.has("order_id"):
        return {turn.slot("order_id")}
    medicines = turn.patient.medicines if turn.patient else ()
    names = [name for name in turn.slot("drug_names").split("|") if name]
    found = {medicine.order_id for medicine in named(medicines, names)}
    return found or ({"none"} if names else set())


def _tell(turn: Turn) -> Turn:
    request = _which(turn)
    if request is None:
        if turn.state.known.get("refill_sent"):  # in this call; the chart could not be read again
            return _told(turn.say(WITH_CARE_TEAM))
        turn = turn.settle(Disposition.COMPLETED).note(served=True)  # what was asked is answered
        return turn.ask("status.ask_for_one", NO_REQUEST, ASK_FOR_ONE)
    said = turn.slot("said") if turn.has("drug_names") else ""
    return _told(turn.say(*_of(request, said)))


def _told(turn: Turn) -> Turn:
    return turn.settle(Disposition.COMPLETED).note(served=True, open_told=True).done()


def _of(request: OpenRequest, said: str) -> tuple[str, ...]:
    match request.stage:
        case RequestStage.ANSWERED:
            return (ANSWERED, CALL_PHARMACY)
        case RequestStage.NOT_GRANTED:
            return (MUST_TALK,)
    first = f"Your request for {said} is with the care team." if said else WITH_CARE_TEAM
    return (first, USUALLY)


def _hear_ask_for_one(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    slots = {name: turn.state.slots[name] for name in _CARRIED if turn.has(name)}
    return turn.done().begin("refill", **slots) if answer else turn.done()


_CARRIED = ("drug", "drug_names", "drug_sure", "said", "strength", "taking", "use", "waiting")

STATUS = Flow(
    "status",
    (
        Step("tell", _tell),
        Step(
            "ask_for_one",
            ASK_FOR_ONE,
            lambda turn: False,  # asked by `_tell`
            _hear_ask_for_one,
            expect_yes_no,
            (
                "Shall we ask for a refill, yes or no?",
                "Press 1 to ask for a refill, or 2 if not.",
            ),
        ),
    ),
    back="Back to your request.",
    then="Now, your request.",
    identified=True,
    scope=ProxyScope.REFILLS,
    absorb=absorb_medicines,
)
