"""The steps from a wish to a yes, for a flow that ends in an opening: when, search, pick, hold, confirm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from dialog.confirming import change_step, confirm_step, hear_yes_or_no
from dialog.flows import preferences, relative, searching, widening
from dialog.flows.searching import chosen, pick, picked
from dialog.flows.visits_wording import offered
from dialog.reading import hints_at
from dialog.steps import OutcomeHandler, Step, slot_missing
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Expectation,
    ExpectationKind,
    Hint,
    HoldOpening,
    Intent,
    Opening,
    OpeningGone,
    OpeningHeld,
    OpeningsFound,
    Result,
    Understanding,
)

WHEN_REASKS = (
    "You can say a day and a time, like Tuesday morning.",
    "Please say a weekday, or say any time.",
)


def steps(owner: str, read_out: Callable[[Turn], str], question: str) -> tuple[Step, ...]:
    """when -> search -> pick -> hold -> confirm, as steps of the flow ``owner``."""
    return (
        Step("when", searching.WHEN, _when_due, searching.hear_when, reasks=WHEN_REASKS),
        widening.step(owner),
        Step("search", lambda turn: _search(owner, turn), lambda turn: not turn.state.offers),
        Step(
            "pick",
            lambda turn: _ask_pick(owner, turn),
            slot_missing("picked"),
            searching.hear_pick,
            _expect_pick,
            ("The first one, or the second?", "Press 1 for the first one, or 2 for the second."),
        ),
        Step("hold", lambda turn: _hold(owner, turn), slot_missing("held")),
        change_step(
            _hear_change,
            ("Is it the day, or the doctor?", "Please say another day or time."),
            lambda turn: Expectation(ExpectationKind.OPEN, searching.choices(turn)),
        ),
        confirm_step(owner, read_out, question, _hear_confirm, _expect_confirm),
    )


def outcomes(owner: str) -> Mapping[str, OutcomeHandler]:
    return {f"{owner}.find": _found, f"{owner}.hold": _held}


def _when_due(turn: Turn) -> bool:
    return not preferences.known(turn)


# --------------------------------------------------------------------------- search


def _search(owner: str, turn: Turn) -> Turn:
    kind = turn.slot("visit_type")
    return turn.act(f"{owner}.find", lambda id_: preferences.search(turn, id_, kind)).wait()


def _found(turn: Turn, result: Result) -> Turn:
    match result:
        case OpeningsFound(openings) if openings:
            return _exactly(turn, openings[0]) or searching.found(turn, openings)
        case OpeningsFound():
            return widening.narrower(turn) or widening.nothing(turn)
        case ActionFailed():
            return widening.no_system(turn)
    return turn


def _exactly(turn: Turn, one: Opening) -> Turn | None:
    """The very day and minute that were wished: nothing is left to choose, the yes comes next."""
    local = one.start.astimezone(preferences.zone(turn))
    on_time = turn.slot("time") == local.strftime("%H:%M") and not turn.has("widened")
    return searching.pick(turn.offer((one,)), one) if on_time and _on_the_day(turn, local.date()) else None


def _on_the_day(turn: Turn, day: date) -> bool:
    """The date that was named, or the nearest day of the weekday that was: "Thursday at three"."""
    nearest = 0 < (day - preferences.today(turn)).days <= 7 and turn.slot("weekday") == str(day.weekday())
    return turn.slot("date") == day.isoformat() or (nearest and not turn.has("date"))


# --------------------------------------------------------------------------- pick and hold


def _ask_pick(owner: str, turn: Turn) -> Turn:
    question = searching.WHICH if len(turn.state.offers) > 1 else searching.THAT_ONE
    turn = widening.said(turn)
    return turn.ask(f"{owner}.pick", offered(turn, turn.state.offers, widening.lead(turn)), question)


def _expect_pick(turn: Turn) -> Expectation:
    if len(turn.state.offers) == 1:
        return Expectation(ExpectationKind.YES_NO, searching.choices(turn), digits=1)
    return Expectation(ExpectationKind.CHOICE, searching.choices(turn), digits=1)


def _hold(owner: str, turn: Turn) -> Turn:
    opening_id = turn.slot("picked")
    return turn.act(f"{owner}.hold", lambda id_: HoldOpening(id_, opening_id)).wait()


def _held(turn: Turn, result: Result) -> Turn:
    match result:
        case OpeningHeld(opening_id) if opening_id == turn.slot("picked"):
            return turn.put(held=True)
        case OpeningGone():
            return taken(turn)
        case ActionFailed():
            return widening.no_system(turn)
    return turn


def taken(turn: Turn) -> Turn:
    """Another caller was faster: others are looked for, without it."""
    gone = f"{turn.slot('refused')} {turn.slot('picked')}".strip()
    return searching.drop_offers(turn).put(refused=gone).say(searching.JUST_TAKEN)


# --------------------------------------------------------------------------- the yes


def _expect_confirm(turn: Turn) -> Expectation:
    """A yes or no; "no, the first one" names another of the openings just offered."""
    return Expectation(ExpectationKind.YES_NO, searching.choices(turn), digits=1)


def _hear_confirm(turn: Turn, heard: Understanding) -> Turn | None:
    """A yes to this very opening; another one named instead is held and read out in its place."""
    if relative.objects(heard):
        return relative.anew(turn, heard)
    if searching.asks_if_soonest(heard):
        return searching.soonest(turn, picked(turn))
    other = chosen(turn, heard)
    if other and other.opening_id != turn.slot("picked"):
        return pick(turn, other)
    wished = preferences.given(turn, heard)
    if wished and not preferences.fits(turn, picked(turn), heard):
        return searching.anew(turn, heard)
    if wished or not moves_this_one(turn, heard):
        return hear_yes_or_no(turn, heard)
    return hear_yes_or_no(turn, heard) or turn.put(changing=True)


def moves_this_one(turn: Turn, heard: Understanding) -> bool:
    """ "Can I change the time?", of the opening that is read out and not of a visit on file."""
    on_the_table = turn.state.flow == "book" and turn.state.offers and not hints_at(heard, Hint.OWN_VISIT)
    return bool(on_the_table) and heard.intent is Intent.SCHEDULE_RESCHEDULE


def _hear_change(turn: Turn, heard: Understanding) -> Turn | None:
    if relative.asks(heard):
        return relative.anew(turn, heard)
    one = chosen(turn, heard)
    if one:
        return pick(turn, one)
    if preferences.given(turn, heard):
        return searching.anew(turn, heard)
    return _reopened(turn, heard)


def _reopened(turn: Turn, heard: Understanding) -> Turn | None:
    """ "The day": asked anew."""
    if hints_at(heard, Hint.THE_DOCTOR):
        return searching.drop_offers(turn).drop(*preferences.WITH).put(with_whom="any")
    if hints_at(heard, Hint.THE_DAY):
        return searching.drop_offers(turn).drop(*preferences.DAYS, *preferences.TIMES, "any_time")
    return None
