"""A danger sign comes before everything: every utterance is screened first, in every phase.

Presence is assumed and absence has to be said: anything but a clear no to a direct question is a yes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dialog import emergency, safety, spanish, suspicion, wording
from dialog.emergency import DOUBT, live
from dialog.engine import OPEN, put_down
from dialog.flows import DANGER_QUESTIONS, questionnaire
from dialog.flows.questionnaire_hearing import plain_yes
from dialog.handoff import transferring
from dialog.reading import texts, wants_person, yes
from dialog.safety import Assessment, Code
from dialog.speech import quoted
from dialog.tasks import open_task
from dialog.turn import Turn
from dialog.wishes import SCHEDULING, add, wishes, with_reason
from models.domain import DangerPhrase, Language, Priority, RedFlagRaised, TaskKind, Understanding

_SIGNS = frozenset(flag.id for flag in safety.CATALOGUE)
_CHEST_PAIN = "RF01"  # what a yes to the danger question stands for


def screened(turn: Turn, heard: Understanding) -> tuple[Turn, bool]:
    """The turn after the screen, and whether a danger sign in the words has answered the event."""
    after, answered = _screened(turn, heard)
    if answered and spanish.is_spanish(heard.text):
        after = after.note(language=Language.SPANISH.value)
    if answered and live(after) and wants_person(heard) and not transferring(after):
        return emergency.person(after), True
    return after, answered


def _screened(turn: Turn, heard: Understanding) -> tuple[Turn, bool]:
    if turn.state.asking == DOUBT:
        return _hear_doubt(turn, heard), True
    found = safety.assess(texts(heard.transcript), added=_added(turn))
    if _has_news(turn, found):
        return _found(turn, found, heard), True
    if turn.state.asking in DANGER_QUESTIONS and _counts_as_yes(turn, heard):
        return presumed(turn, heard.text), True
    if questionnaire.danger_asked(turn) and plain_yes(heard):
        return turn, False  # a yes to its question needs no second one
    if not live(turn) and questionnaire.answers_with_danger(turn, heard):
        return turn, False  # its own rule says what is due, at once
    turn = _with_denied(turn, found.denied, heard.text)
    if found.doubt and not live(turn) and found.doubt.id not in _raised_before(turn):
        return _ask_doubt(turn, found.doubt.id, heard), True
    if (sign := _suspected(turn, heard, found)) and not live(turn):
        return _ask_doubt(turn.note(suspected=f"{turn.known('suspected')} {sign}"), sign, heard), True
    return turn, False


def _suspected(turn: Turn, heard: Understanding, found: Assessment) -> str:
    """The sign that only the model thinks of, "" where the screen has spoken of it: a model adds, and
    never takes away. Each is asked about once in a call."""
    if suspicion.is_answered(turn, heard, found):
        return ""
    settled = {*found.denied, *(concern.flag.id for concern in found.history)}
    before = {*_raised_before(turn), *turn.known("suspected").split()}
    return heard.suspected if heard.suspected in _SIGNS - settled - before else ""


def _added(turn: Turn) -> tuple[DangerPhrase, ...]:
    """The practice's own phrases, beside the catalogue's."""
    return turn.context.practice.danger_phrases


def _raised_before(turn: Turn) -> set[str]:
    return {flag.red_flag_id for flag in turn.state.red_flags}


def _has_news(turn: Turn, found: Assessment) -> bool:
    return any(flag.red_flag_id not in _raised_before(turn) for flag in found.raised)


def _with_denied(turn: Turn, ids: Iterable[str], words: str) -> Turn:
    """Keeps the caller's words of a denial: the catalogue's names say more than the caller did."""
    quote = quoted(words)
    if not tuple(ids) or quote in turn.state.symptoms_denied:
        return turn
    return turn.but(symptoms_denied=(*turn.state.symptoms_denied, quote))


# --------------------------------------------------------------------------- a sign is said


def _found(turn: Turn, found: Assessment, heard: Understanding) -> Turn:
    """Record every sign that is present and answer the gravest; where it may be graver still, ask first."""
    new = [flag for flag in found.raised if flag.red_flag_id not in _raised_before(turn)]
    code = found.code if found.code and found.flag in new else safety.code_of(new[0])
    turn = emergency.recorded(with_reason(turn, heard), new)
    if code.kind == "urgent" and found.doubt and not live(turn):
        held = emergency.page(turn.note(held=code.value), new[0])
        return _ask_doubt(held, found.doubt.id, heard)
    if code is Code.D2 and not live(turn):
        later = tuple(w for w in wishes(turn, heard) if w.flow not in {*SCHEDULING, "checkin"})
        turn = add(put_down(turn, told=True).done(), later)  # nothing is booked on a danger sign
    return _act(turn, new[0], code, new[1:])


def _act(turn: Turn, flag: RedFlagRaised, code: Code, others: Iterable[RedFlagRaised] = ()) -> Turn:
    """``others``: signs told in the same breath. Who is paged hears of every emergency among them."""
    turn = put_down(turn, told=True)
    if code.kind == "emergency":
        for other in others:
            turn = emergency.page(turn, other) if safety.code_of(other).kind == "emergency" else turn
        return emergency.begin(turn, flag, code)
    if live(turn):
        return emergency.keep_the_line(turn)  # noted; the greater danger goes on
    return emergency.nurse_now(turn, flag) if code is Code.D1 else emergency.same_day(turn, flag)


# --------------------------------------------------------------------------- the direct question


def _ask_doubt(turn: Turn, flag_id: str, heard: Understanding) -> Turn:
    """One yes-or-no question; a wish in the same sentence waits."""
    turn = with_reason(turn, heard)
    if not turn.state.flow:
        turn = add(turn, wishes(turn, heard))
    turn = turn.note(doubt=flag_id, doubt_quote=quoted(heard.text))
    return turn.ask(DOUBT, safety.question(safety.by_id(flag_id)))


def _hear_doubt(turn: Turn, heard: Understanding) -> Turn:
    danger_said = safety.assess(texts(heard.transcript), added=_added(turn)).raised
    if not danger_said and not turn.known("doubt_again") and suspicion.asks_again(heard):
        again = turn.note(doubt_again=turn.known("doubt"))
        return again.say(wording.ONCE_MORE).ask(DOUBT, turn.state.asked)
    turn = turn.forget("doubt_again")
    found = safety.assess(
        texts(heard.transcript), asked=turn.known("doubt"), answer=_answer(turn, heard), added=_added(turn)
    )
    if turn.known("doubt") not in found.denied:
        return _present(turn, found)
    asked = turn.state.asked
    turn = _with_denied(turn, found.denied, f"{asked} {heard.text}")
    turn = turn.forget("doubt", "doubt_quote").but(asking="", misses=0)
    if _has_news(turn, found):
        return _found(turn.forget("held"), found, heard)
    return _held_back(turn)


def _answer(turn: Turn, heard: Understanding) -> bool | None:
    answer = yes(heard)
    return False if answer is None and suspicion.goes_on(turn, heard) else answer


def _held_back(turn: Turn) -> Turn:
    """It is no emergency: the urgent sign that was said before gets what it is due."""
    if turn.known("called_back"):
        return turn.forget("called_back").ask(OPEN, wording.HOW_CAN_I_HELP)
    held = turn.known("held")
    return _act(turn.forget("held"), turn.state.red_flags[-1], Code(held)) if held else turn


def silent_doubt(turn: Turn) -> Turn:
    """Silence after the direct question counts as a yes."""
    turn = turn.forget("doubt_again")
    return _present(turn, safety.assess((), asked=turn.known("doubt")))


def _present(turn: Turn, found: Assessment) -> Turn:
    """Everything that the answer leaves standing, the doubted sign among it."""
    before, doubted = turn.known("doubt_quote"), turn.known("doubt")
    flags = [
        replace(flag, quote=quoted(" / ".join(words for words in (before, flag.quote) if words)))
        if flag.red_flag_id == doubted
        else flag
        for flag in found.raised
    ]
    turn = turn.forget("doubt", "doubt_quote", "held", "called_back")
    return _act(emergency.recorded(turn, flags), flags[0], found.code or safety.code_of(flags[0]), flags[1:])


def _counts_as_yes(turn: Turn, heard: Understanding) -> bool:
    """At a danger question: a yes at once, an unclear answer the second time."""
    answer = yes(heard)
    return answer is True or (answer is None and turn.state.misses > 0 and bool(heard.text.strip()))


def presumed(turn: Turn, words: str) -> Turn:
    """No clear "no" to the danger question."""
    quote = quoted(f"{turn.state.asked} {words or '(silence)'}")
    flag = RedFlagRaised(_CHEST_PAIN, safety.by_id(_CHEST_PAIN).kind, quote)
    return _act(emergency.recorded(turn, [flag]), flag, safety.code_of(flag))


def leave(turn: Turn) -> Turn:
    """The caller hung up on a danger question: a nurse calls back."""
    if turn.state.asking != DOUBT:
        return turn
    name = safety.by_id(turn.known("doubt")).name
    summary = f"Hung up when asked about: {name}. Caller's words: {turn.known('doubt_quote')}"
    return open_task(turn, "desk.quiet", TaskKind.NURSE_NOW, Priority.STAT, summary)
