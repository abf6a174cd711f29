"""One utterance, in order: danger, a person, what the question asked for, a new wish, and else repair."""

from __future__ import annotations

import re

from dialog import (
    authority,
    danger,
    dictated,
    emergency,
    handoff,
    honesty,
    identity,
    moves,
    open_questions,
    pace,
    privacy,
    relatives,
    remarks,
    repair,
    satisfaction,
    wording,
)
from dialog.continuing import GO_ON
from dialog.engine import MORE, OPEN, current_flow, expectation, flow_step, go_on
from dialog.flows import DANGER_QUESTIONS, newcomer, questionnaire
from dialog.flows.message import KINDS
from dialog.flows.refill_after import runs_out
from dialog.reading import declines_politely, says, says_person, sure_value, wants_person, word_count
from dialog.turn import WAITING, Turn
from dialog.wishes import add, add_beyond_answer, plain, take, wishes, with_reason
from models.domain import ExpectationKind, Intent, Understanding

_BYE = re.compile(r"\b(bye|good ?bye|good night|hang up)\b")

_TALKS = re.compile(r"\b(person|human|speak|talk|connect|transfer|put me)\b")
_SCRAP = 3  # words
_CALL_ME = 3  # words; "call me please" is no message yet
_CALL_BACK = re.compile(r"\b(call|ring|phone|get back to) (me|us)\b|\bcall ?back\b")
_SELF_SERVED = frozenset(
    {Intent.REFILL_REQUEST, Intent.REFILL_STATUS, Intent.SCHEDULE_BOOK, Intent.SCHEDULE_RESCHEDULE}
    | {Intent.SCHEDULE_CANCEL, Intent.SCHEDULE_LOOKUP}
)


def hear(turn: Turn, heard: Understanding) -> Turn:
    """Answer one utterance."""
    if not heard.transcript.failure:
        turn = turn.but(failures=0)
    if turn.state.known.get("with_person"):
        return turn.stop()  # a person has the line
    turn, answered = danger.screened(pace.paced(turn, heard), heard)
    if answered:
        return go_on(turn)
    return _after_screen(turn, heard)


def _after_screen(turn: Turn, heard: Understanding) -> Turn:
    if honesty.asks_for_robot_and_person(heard):
        return go_on(moves.person(with_reason(turn, heard)))
    if honesty.asks_for_robot(heard) and not remarks.asks_recorded(heard):
        return honesty.robot(turn)
    if privacy.asks(turn, heard):
        return privacy.begin(turn, of_recording=honesty.asks_not_recorded(heard))
    if honesty.asks_not_recorded(heard):
        return honesty.not_recorded(turn)
    if remarks.is_relay(heard):
        return remarks.relay(turn)
    if turn.state.asking == MORE and declines_politely(heard) and not emergency.live(turn):
        return go_on(moves.finish(turn))
    if _only_expected_one(turn, heard):
        return go_on(answer(turn.say(wording.CLOSED), heard))
    if wants_person(heard) and not _is_the_message(turn, heard) and not _is_a_pick(turn, heard):
        return go_on(moves.person(with_reason(turn, heard)))
    if emergency.live(turn):
        return emergency.hear(turn, heard)
    if handoff.transferring(turn):
        return handoff.connect(turn, "")
    if turn.state.known.get("endless"):
        return turn.stop()  # the call is being ended
    if turn.state.known.get("staff_ends"):
        return moves.close(turn)  # staff are ending it: a danger sign and a person were looked for above
    if heard.transcript.failure:
        return repair.trouble(turn)
    if not heard.text.strip() and not heard.entities:
        return silence(turn)
    turn = _still_here(turn)
    if authority.needs_person(turn, heard):
        return go_on(moves.person(turn))
    if turn.state.asking == WAITING:
        return _while_waiting(turn, heard)
    is_more = relatives.lets_speak(heard) or _is_free_answer(turn, heard)
    small = None if is_more else remarks.reply(turn, heard) or moves.small(turn, heard)
    return go_on(small) if small else answer(turn, heard)


def _is_the_message(turn: Turn, heard: Understanding) -> bool:
    """Nobody is there, and a message is asked for: "please have someone call me" is that message."""
    asked = turn.state.asking == "message.words" and not turn.practice.staff_available
    words = says(heard, _CALL_BACK) or not says_person(heard)
    return asked and words and word_count(heard.text) > _CALL_ME


def _is_a_pick(turn: Turn, heard: Understanding) -> bool:
    """ "The first anyone please": one of two openings, and nobody who is asked for by name."""
    picks = flow_step(turn, turn.state.asking) is not None and bool(sure_value(heard, "choice"))
    return picks and not says_person(heard) and not says(heard, _TALKS)


def _only_expected_one(turn: Turn, heard: Understanding) -> bool:
    """Out of hours, "I thought I'd get the girl at the desk. I need my omeprazole" is served here."""
    asked = turn.state.asking in (OPEN, MORE) and not emergency.live(turn)
    served = heard.intent in _SELF_SERVED and Intent.HUMAN_AGENT in heard.intents
    return asked and served and not turn.practice.staff_available and not says_person(heard)


def _is_free_answer(turn: Turn, heard: Understanding) -> bool:
    """Where any words answer, only a plain goodbye is one."""
    step = flow_step(turn, turn.state.asking)
    return bool(step and step.free) and heard.intent is Intent.GOODBYE and not says(heard, _BYE)


def _still_here(turn: Turn) -> Turn:
    """Words after the closing: the call is not over yet."""
    left = {id_: name for id_, name in turn.state.pending.items() if name != "call.hang_up"}
    return turn.but(pending=left)


def _while_waiting(turn: Turn, heard: Understanding) -> Turn:
    """An outcome is awaited: a further wish is kept for later."""
    found = tuple(wish for wish in wishes(turn, heard) if wish.flow != turn.state.flow)
    if found:
        said = wording.NEXT_I_WILL in turn.state.said
        return add(turn, found).say(wording.AND_THAT_TOO if said else wording.NEXT_I_WILL).stop()
    return patience(turn)


def patience(turn: Turn) -> Turn:
    """Words for a while that lasts, never the same twice running."""
    waits = turn.state.waits
    waits += wording.PATIENCE[waits % len(wording.PATIENCE)] in turn.state.said
    return turn.but(waits=waits + 1).say(wording.PATIENCE[waits % len(wording.PATIENCE)]).stop()


def answer(turn: Turn, heard: Understanding) -> Turn:
    """What the open question asked for, over-answers included; else a new wish; else repair."""
    if turn.state.asking == repair.OFFER:
        taken = open_questions.hear_offer(turn, heard)
        if taken is not None:
            return go_on(taken.but(misses=0))
        turn = turn.but(asking=turn.known("offered_from"))  # what led here may still be answered
    broken = dictated.is_broken(heard, expectation(turn).kind)
    if not broken and open_questions.is_beyond_us(turn, heard) and not plain(heard):
        return go_on(open_questions.beyond_us(turn, heard.confidence))
    kept = _absorb(turn, heard)
    if (found := newcomer.found_new(kept, heard)) is not None:
        return go_on(found.but(misses=0))
    hearing = _answered(kept, heard)
    if hearing is not None:
        return go_on(add_beyond_answer(hearing.but(misses=0), heard))
    if authority.about_another(turn, heard):
        return moves.one_person(turn)
    wish = None if broken or _is_scrap_of_answer(turn, heard) else take(turn, heard)
    if wish is not None:
        return go_on(wish)
    if _facts(kept) != _facts(turn):
        return go_on(kept.but(misses=0))  # it answered another question than the one asked
    return repair.no_match(turn)


def _is_scrap_of_answer(turn: Turn, heard: Understanding) -> bool:
    """ "Was tests right", to "Is that right?": a misheard yes, and no question about tests."""
    asked = expectation(turn).kind is ExpectationKind.YES_NO and not plain(heard)
    return asked and word_count(heard.text) <= _SCRAP and heard.intent in KINDS


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    turn = identity.absorb(turn, heard) if turn.state.asking.startswith("identity.") else turn
    flow = current_flow(turn)
    return flow.absorb(turn, heard) if flow else turn


def _facts(turn: Turn) -> tuple[object, object]:
    return dict(turn.state.slots), dict(turn.state.known)


def _answered(turn: Turn, heard: Understanding) -> Turn | None:
    """At "how can I help?" a wish comes before a bare yes or no."""
    if turn.state.asking in (OPEN, MORE):
        if authority.about_another(turn, heard):
            return moves.one_person(turn)
        return runs_out(turn, heard) or take(turn, heard) or open_questions.hear_open(turn, heard)
    if turn.state.asking == GO_ON:
        return open_questions.hear_go_on(turn, heard)
    if turn.state.asking == satisfaction.ASKING:
        return moves.hear_rating(turn, heard)
    step = flow_step(turn, turn.state.asking)
    return step.hear(turn, heard) if step else None


# --------------------------------------------------------------------------- silence


def silence(turn: Turn) -> Turn:
    """The caller said nothing for as long as the question allows."""
    if turn.state.known.get("with_person"):
        return turn.stop()
    if turn.state.asking == emergency.DOUBT:
        return go_on(danger.silent_doubt(turn))
    if turn.state.asking in DANGER_QUESTIONS and turn.state.misses:
        return danger.presumed(turn, "")
    if turn.state.misses and (question := questionnaire.danger_asked(turn)):
        return go_on(questionnaire.silent(turn, question).but(misses=0))
    if emergency.live(turn):
        return emergency.keep_the_line(turn)
    if turn.state.asking in (WAITING, ""):
        return handoff.connect(turn, "") if handoff.transferring(turn) else patience(turn)
    step = flow_step(turn, turn.state.asking)
    return go_on(step.skip(turn)) if step and step.skip else moves.unanswered(turn)
