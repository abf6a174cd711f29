"""What is wrong in a questionnaire that is valid FHIR: names, limits and answers that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from models.domain import Question, QuestionKind, Questionnaire, Term

MOST_QUESTIONS = 40
_BOTH = ("yes", "no", "declined", "unknown")
_ORDERS = (">", ">=", "<", "<=")
_PARTS = ("-systolic", "-diastolic")


def check(one: Questionnaire) -> Iterator[str]:
    """Every problem, in words for who edits the file."""
    yield from _questions(one)
    yield from _rules(one)


def _questions(one: Questionnaire) -> Iterator[str]:
    ids = [question.link_id for question in one.questions]
    if not 0 < len(ids) <= MOST_QUESTIONS:
        yield f"there are {len(ids)} questions; 1 to {MOST_QUESTIONS} can be asked"
    if doubled := next((name for name in ids if ids.count(name) > 1), ""):
        yield f"item {doubled} is there twice"
    for question in one.questions:
        yield from _question(question)
        yield from _terms(f"item {question.link_id}", question.ask_when, one)


def _question(question: Question) -> Iterator[str]:
    where = f"item {question.link_id}"
    if question.kind is QuestionKind.CHOICE and not 2 <= len(question.options) <= 9:
        yield f"{where}: a choice needs 2 to 9 answers"
    limited = question.kind in (QuestionKind.NUMBER, QuestionKind.PRESSURE)
    if limited and not question.least < question.most:
        yield f"{where}: minValue and maxValue are needed, the first below the second"


def _rules(one: Questionnaire) -> Iterator[str]:
    for rule in one.rules:
        where = f"rule {rule.rule_id}"
        if not rule.all_of and not rule.any_of:
            yield f"{where}: it has nothing to compare"
        if rule.any_of and rule.count > len(rule.any_of):
            yield f"{where}: count is {rule.count} of {len(rule.any_of)}"
        yield from _terms(where, (*rule.all_of, *rule.any_of), one)
    for score in one.scores:
        for link_id in score.link_ids:
            if not any(q.link_id == link_id and q.options for q in one.questions):
                yield f"score {score.name}: there is no choice {link_id}"


def _terms(where: str, terms: tuple[Term, ...], one: Questionnaire) -> Iterator[str]:
    for term in terms:
        if problem := _term(term, one):
            yield f"{where}: {term.name} {term.operator} {term.value}: {problem}"


def _term(term: Term, one: Questionnaire) -> str:
    if term.name.startswith("score."):
        known = {f"score.{score.name}" for score in one.scores}
        return "" if term.name in known and _is_number(term.value) else "there is no such score, or no number"
    question = _asked(term, one)
    if question is None:
        return "there is no such question"
    if term.operator in _ORDERS:
        return "" if _is_number(term.value) else "a number is needed"
    allowed = (*_BOTH, *(option.code for option in question.options))
    numeric = question.kind is QuestionKind.NUMBER and _is_number(term.value)
    return "" if term.value in allowed or numeric else f"the answer is none of {', '.join(allowed)}"


def _asked(term: Term, one: Questionnaire) -> Question | None:
    names = {term.name, *(term.name.removesuffix(part) for part in _PARTS)}
    exact = (q for q in one.questions if q.link_id == term.name)
    parts = (q for q in one.questions if q.link_id in names and q.kind is QuestionKind.PRESSURE)
    return next(exact, None) or next(parts, None)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()
