"""What a note may say of a refill: the request as it was sent, its rules, and what the caller said of it."""

from __future__ import annotations

import re

from ehr_writeback import assertions
from ehr_writeback.checks_forms import form, tagged
from ehr_writeback.evidence import UNKEPT, Evidence
from ehr_writeback.plain_words import flat, quoted, uncut
from ehr_writeback.titles import PROBLEM_TOLD
from models.domain import AddToRefill, RefillAdded, RefillAnswered, RequestRefill

_ANSWER = r", protocol result (?P<outcome>\w+)(?P<open>, request was already open)?(?:, (?P<ref>\w+/\S+))?"
_REFILL = re.compile(
    r'"(?P<said>[^"]*)", order (?P<order>\S+)'
    r'(?:, taken, as the caller says: "(?P<taking>[^"]*)")?'
    r'(?:, taken beside it, as the caller says: "(?P<beside>[^"]*)")?'
    r", pharmacy (?P<pharmacy>.+?), new problems or side effects: "
    r"(?P<problem>yes|no|not answered|told on an earlier call)"
    rf"{_ANSWER}"
)
_UNKEPT = rf"Refill requested: {UNKEPT}, order (?P<order>\S+){_ANSWER}"
_RULE = re.compile(r"rule (\S+) (not passed|not known)(?: \((.*)\))?")
_PROBLEM = {words: answer for answer, words in PROBLEM_TOLD.items()}
_STATES = {"not passed": False, "not known": None}
TOLD_OF_NONE = re.compile(r"\b(?:no|without)\b[^.]{0,20}\b(?:problems?|side[- ]effects?|issues|trouble)\b")
EARLIER = "told on an earlier call"
ASKS_PROBLEM = "new problems or side effects"
# The same question in other words, where an answer was not understood.
_ASKS_AGAIN = ("caused you any trouble", "for new problems, or 2 for none")


def rule_line(line: str, seen: Evidence) -> bool:
    """A rule that was not met, below its refill."""
    parts = tagged(line)
    found = _RULE.fullmatch(parts[0]) if parts else None
    return found is not None and parts is not None and _rule_holds(found, seen, parts[1])


def _rule_holds(found: re.Match[str], seen: Evidence, number: int) -> bool:
    told = (found[1], _STATES[found[2]], found[3] or "")
    results = [done.result for done in seen.done_in(number) if isinstance(done.result, RefillAnswered)]
    return any((rule.rule, rule.passed, rule.detail) == told for result in results for rule in result.rules)


def _refill(
    found: re.Match[str], wish: RequestRefill, answer: RefillAnswered, seen: Evidence, number: int
) -> bool:
    told = (found["said"], found["order"], found["taking"] or "", found["beside"] or "")
    asked = (quoted(wish.said), wish.order_id, quoted(wish.taking), quoted(wish.beside))
    same = told == asked and _is_answer(found, answer) and _problem(found["problem"], wish, seen, number)
    return same and _pharmacy(found["pharmacy"], wish, seen, number) and _was_said(wish, seen, number)


def _unkept_refill(
    found: re.Match[str], wish: RequestRefill, answer: RefillAnswered, seen: Evidence, number: int
) -> bool:
    same = found["order"] == wish.order_id and _is_answer(found, answer)
    return same and not seen.keeps_words(number)


def _is_answer(found: re.Match[str], answer: RefillAnswered) -> bool:
    result = (found["outcome"], bool(found["open"]), found["ref"] or "")
    return result == (answer.outcome.value, answer.already_open, answer.proposal_ref)


def _pharmacy(told: str, wish: RequestRefill, seen: Evidence, number: int) -> bool:
    """A name that was spoken on the call, or the one on file where the caller asked for "the usual"."""
    if told == "not named":
        return not wish.pharmacy
    spoken = seen.spoken_by(number)
    if told == "as on file":
        return bool(wish.pharmacy) and flat(wish.pharmacy) not in spoken
    return told == wish.pharmacy and flat(told) in spoken


def _was_said(wish: RequestRefill, seen: Evidence, number: int) -> bool:
    """The medicine by name, what the caller says of taking it, and their answer on problems."""
    caller = seen.caller_by(number)
    own = all(not words or uncut(words) in caller for words in (wish.taking, wish.beside))
    return own and flat(wish.said) in seen.spoken_by(number)


def _problem(told: str, wish: RequestRefill, seen: Evidence, number: int) -> bool:
    if told == EARLIER:
        return not seen.was_asked(ASKS_PROBLEM)
    return _PROBLEM[told] is wish.new_problem and _problem_said(wish, seen, number)


def _problem_said(wish: RequestRefill, seen: Evidence, number: int) -> bool:
    if wish.new_problem is None:
        return True
    asked = (ASKS_PROBLEM, *_ASKS_AGAIN)
    answers = [words for question in asked for _, words in seen.answers_to(question, number)]
    if wish.new_problem:
        return any(not assertions.denies(words) for words in answers)
    return any(assertions.denies(words) or words == "2" for words in answers) or _unasked_no(seen, number)


def _unasked_no(seen: Evidence, number: int) -> bool:
    return bool(TOLD_OF_NONE.search(seen.caller_by(number)))


def _added(found: re.Match[str], wish: AddToRefill, _: RefillAdded, seen: Evidence, number: int) -> bool:
    same = (found["words"], found["ref"]) == (quoted(wish.words), wish.task_ref)
    return same and uncut(wish.words) in seen.caller_by(number)


FORMS = (
    form(f"Refill requested: {_REFILL.pattern}", RequestRefill, RefillAnswered, _refill),
    form(_UNKEPT, RequestRefill, RefillAnswered, _unkept_refill),
    form(r'Added to a refill request: "(?P<words>[^"]*)", (?P<ref>\S+)', AddToRefill, RefillAdded, _added),
)
