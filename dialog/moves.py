"""Moves that work from every state: greeting, a person, repeat, wait, start over, never mind, goodbye."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from dialog import continuing, danger, emergency, farewell, handoff, pace, satisfaction, wording
from dialog.engine import MORE, OPEN, begin, put_down
from dialog.reading import says, value, word_count
from dialog.repair import OFFER, give_up, hang_up, leave_aside, no_input, offer
from dialog.turn import WAITING, Turn
from dialog.wishes import take
from models.domain import (
    PRESSED_FOR_SPANISH,
    CallStarted,
    Disposition,
    Intent,
    JsonScalar,
    Language,
    Phase,
    PracticeFacts,
    Priority,
    TaskKind,
    Understanding,
)

_DISCLOSURES = ("ai", "recording", "emergency")
_NEVER_MIND = re.compile(r"\b(never ?mind|forget (about )?(it|that))\b")
_HEAR_ME = re.compile(r"\bcan you hear me\b|\bdo you hear me\b|\b(is )?(any|some)(body|one) there\b")
_START_OVER = re.compile(r"\bstart(ing)? (all )?over\b|\bfrom the (start|beginning)\b")
_AGAIN = re.compile(
    r"\b(repeat (that|it|the)|say (that|it) again|come again|what (did|was) (you )?(ask|say|said|that)\w*)\b"
)
_SHORT = 7  # words
_NO_VALUES = frozenset({"mode", "kind", "yes_no"})
_MOST_GREETINGS = 3  # in one call, before a person is put on
_SILENCES_TO_WAIT = 2  # of a caller who asked us to hold on, before we ask again
_SCRAP = 2  # words that were no number, and are no wish of their own
LONG = 12  # words; a longer sentence that sounds like a goodbye has more in it
CALL_BACK: Mapping[str, JsonScalar] = {
    "kind": TaskKind.SAME_DAY_CALLBACK.value,
    "priority": Priority.URGENT.value,
    "promised": True,
}


def greet(turn: Turn, event: CallStarted) -> Turn:
    """The prescribed greeting; on a new stream of the same call, its last question again."""
    if turn.state.phase is not Phase.GREETING:
        return _resume(turn, event)
    turn = turn.say(wording.RESUMED) if event.resumed else turn  # lost before a word was said
    disclosures = tuple(said for said in _DISCLOSURES if said != "recording" or turn.practice.records_calls)
    greeting = wording.greeting(_greeter(turn), turn.context.line)
    turn = turn.but(disclosures=disclosures).phase(Phase.OPEN).say(*greeting[:-1])
    if turn.context.number_locked:
        return person(turn)
    if turn.state.kept:
        return continuing.greet(turn, turn.state.kept)
    return turn.ask(OPEN, wording.HOW_CAN_I_HELP)


def _greeter(turn: Turn) -> PracticeFacts:
    """Before "go on where we were?" no key is offered: 2 is its no."""
    return replace(turn.practice, spanish_key=False) if turn.state.kept else turn.practice


def _resume(turn: Turn, event: CallStarted) -> Turn:
    """What was lost with the line is said again; what was heard is not, but for the open question."""
    if turn.state.known.get("with_person"):  # the transfer ended without anybody
        turn = turn.forget("with_person")
        return emergency.not_reached(turn) if turn.known("danger") else handoff.not_reached(turn)
    turn = turn.say(wording.RESUMED)
    lost = tuple(sentence for sentence in turn.state.said if sentence != wording.RESUMED)
    if event.unheard and lost:
        return turn.say(*lost).stop()
    if "call.hang_up" in turn.state.pending.values():
        return turn.say(wording.GOODBYE).stop()
    return again(turn)


def again(turn: Turn) -> Turn:
    """The open question once more, after something else was said."""
    if turn.state.asking == WAITING or not turn.state.asking:
        return turn.say(wording.ONE_MOMENT).stop()
    return turn.say(turn.state.asked or wording.HOW_CAN_I_HELP).stop()


# --------------------------------------------------------------------------- a person


def person(turn: Turn) -> Turn:
    """On the way to a person in this very turn; out of hours, a message with a call back."""
    if turn.state.asking == emergency.DOUBT:
        turn = danger.silent_doubt(turn)
    if emergency.live(turn):
        return emergency.person(turn)
    comes = turn.practice.staff_available or handoff.transferring(turn)
    if comes:
        turn = turn.forget(
            *handoff.TAKEN_OVER
        )  # it is the caller's own wish now: nobody there, they are called back
    turn = put_down(turn, told=comes)  # a message that is only offered may never be given
    return handoff.connect(turn, "Caller asked for a person") if comes else _call_back(turn)


def _call_back(turn: Turn) -> Turn:
    """Nobody is there. First a message is offered; asked again, the call back itself is ordered; then it is
    told that it is ordered, and at last the call is closed: more asking brings nobody.
    """
    if turn.known("call_back_left"):
        told = turn.state.known.get("call_back_told")
        turn = turn.note(call_back_told=True)
        if told:
            return close(turn.say(wording.CALL_BACK_LEFT))
        return _told_again(turn)
    message = turn.state.flow == "message"
    if message and turn.has("asked_again"):
        return give_up(turn)  # without a number nobody can call: ours is in the closing
    if message and turn.has("promised"):
        words = turn.slot("words") or turn.state.reason
        turn = turn.say(wording.CLOSED, wording.ASKING_CALL_BACK)
        return turn.put(words=words, asked_again=True, confirmed=True).drop("changing").phase(Phase.SERVING)
    turn = turn.say(wording.CLOSED, wording.TAKE_MESSAGE)
    slots = dict(CALL_BACK)
    if message:
        return turn.put(**slots, words=None).drop("confirmed", "changing").phase(Phase.SERVING)
    return begin(turn, "message", slots).phase(Phase.SERVING)


def _told_again(turn: Turn) -> Turn:
    """The call goes on where it was; to "a person, or a message?" it was the answer."""
    turn = turn.say(wording.CLOSED, wording.CALL_BACK_LEFT).but(misses=0)
    if turn.state.asking in ("", WAITING, OFFER):
        return turn.but(asking="").phase(Phase.SERVING)
    return again(turn)


def one_person(turn: Turn) -> Turn:
    """A call opens one chart, and its note goes into that one: another patient is a person's matter."""
    turn = turn.note(other_patient=True)
    return offer(turn, wording.ONE_PERSON)


def may_ask_for_spanish(turn: Turn) -> bool:
    """Key 2 is Spanish while nothing but "How can I help?" is asked; elsewhere it is an answer."""
    return turn.practice.spanish_key and turn.state.asking == OPEN


def spanish(turn: Turn) -> Turn:
    """A person now, or a call back with an interpreter. We do not try to understand Spanish ourselves."""
    turn = turn.note(language=Language.SPANISH.value)
    return begin(turn.but(reason=turn.state.reason or PRESSED_FOR_SPANISH), "language", {}).phase(
        Phase.SERVING
    )


# --------------------------------------------------------------------------- small moves


def small(turn: Turn, heard: Understanding) -> Turn | None:
    """Never mind, wrong number, start over, repeat, wait, goodbye; None when it is none of these."""
    if turn.state.flow and says(heard, _NEVER_MIND):
        return put_down(turn).say(wording.LEFT_AS_IT_IS).done()
    if value(heard, "kind") == "wrong_number":
        return _start_again(turn, f"You've reached {turn.practice.name}.")
    if value(heard, "mode") == "start_over" or says(heard, _START_OVER):
        return _start_again(turn, wording.START_OVER)
    if pace.wanted(heard) or _wants_it_again(heard):
        return _repeat(turn)
    if says(heard, _HEAR_ME) and heard.intent in _HEAR_ME_READ_AS:
        return greeted(turn)
    if heard.entities.keys() - _NO_VALUES or word_count(heard.text) > LONG:
        return None  # it says something: "any time" is no goodbye
    if heard.intent is Intent.GOODBYE and not farewell.plain(heard.text, amid=bool(turn.state.flow)):
        return None  # "I'm not going to make it on time"
    move = _BY_INTENT.get(heard.intent) if heard.intent else None
    return move(turn) if move else None


def _wants_it_again(heard: Understanding) -> bool:
    """ "Sorry what did ask me": misheard itself, and still no answer."""
    short = word_count(heard.text) <= _SHORT and not heard.entities.keys() - _NO_VALUES
    return short and says(heard, _AGAIN)


def _start_again(turn: Turn, lead: str) -> Turn:
    return put_down(turn).but(queue=()).done().say(lead).ask(OPEN, wording.HOW_CAN_I_HELP)


def _repeat(turn: Turn) -> Turn:
    if turn.state.phase is Phase.OPEN and turn.state.asking == OPEN:
        return turn.say(wording.I_CAN, wording.HOW_CAN_I_HELP).stop()  # not the whole greeting again
    said = turn.state.said or (wording.HOW_CAN_I_HELP,)
    return turn.say(*said).stop()


def _wait(turn: Turn) -> Turn:
    said = wording.TAKE_YOUR_TIME in turn.state.said
    turn = turn.but(misses=0).note(patience=_SILENCES_TO_WAIT)
    return turn.say(wording.NO_HURRY if said else wording.TAKE_YOUR_TIME).stop()


def close(turn: Turn) -> Turn:
    """The closing with its disclosure, then the end of the call."""
    if turn.state.phase is Phase.CLOSING:
        said = wording.GOODBYE in turn.state.said
        return hang_up(turn.say(wording.THANK_YOU_FOR_CALLING if said else wording.GOODBYE))
    turn, served = leave_aside(put_down(turn)), turn.state.known.get("served") is True
    if turn.state.disposition is None:
        turn = turn.settle(Disposition.COMPLETED) if served else turn
    return hang_up(turn.but(queue=()).say(*wording.closing(turn.practice)))


def finish(turn: Turn) -> Turn:
    """The caller needs nothing else: how was it, and the closing."""
    return satisfaction.ask(turn) if satisfaction.due(turn) else close(turn)


def hear_rating(turn: Turn, heard: Understanding) -> Turn:
    """A number from 1 to 5 is kept; a new wish is served; anything else goes on to the closing."""
    number = satisfaction.score(heard)
    if number is not None:
        return close(satisfaction.keep(turn, number).say(wording.THANKS))
    scrap = word_count(heard.text) <= _SCRAP  # "fever" for "five"
    return (None if scrap else take(turn, heard)) or close(turn)


def unanswered(turn: Turn) -> Turn:
    """Silence after a question. After the closing it ends the call; after "anything else?" it nearly does."""
    if turn.state.phase is Phase.CLOSING:
        return hang_up(turn)  # again, where a cough or news of an outcome had put it off
    if turn.state.asking == satisfaction.ASKING or (turn.state.asking == MORE and turn.state.misses):
        return close(turn)
    if patience := int(turn.known("patience") or 0):
        waiting = wording.NO_HURRY in turn.state.said
        return (
            turn.note(patience=patience - 1)
            .say(wording.TAKE_YOUR_TIME if waiting else wording.NO_HURRY)
            .stop()
        )
    return no_input(turn)


def greeted(turn: Turn) -> Turn:
    """A greeting is returned. One after another comes from somebody who does not hear us."""
    count = int(turn.known("greetings") or 0) + 1
    turn = turn.note(greetings=count)
    if turn.state.flow and count < _MOST_GREETINGS:
        return again(turn.say(wording.CAN_HEAR))
    if count == 1:
        return turn.say(wording.HELLO).ask(OPEN, wording.HOW_CAN_I_HELP)
    if count == 2:
        return turn.ask(OPEN, wording.CAN_HEAR, wording.CANNOT_HEAR_ME, wording.HOW_CAN_I_HELP)
    return give_up(turn.forget("greetings"), "The caller may not hear us", tell=True)


_HEAR_ME_READ_AS = (None, Intent.REPEAT, Intent.GREETING, Intent.OUT_OF_SCOPE)  # else more was said
_BY_INTENT = {Intent.REPEAT: _repeat, Intent.WAIT: _wait, Intent.GOODBYE: close}
