"""One FHIR Questionnaire document as a domain value. Pure; `FileError` names the element that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from models.domain import (
    CODES,
    Band,
    CheckinRule,
    Coding,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    ScoreRule,
    TaskKind,
    Term,
)

Json = Mapping[str, Any]
OWN = "urn:firstring:checkin:"
FHIR = "http://hl7.org/fhir/StructureDefinition/"
_TERM = re.compile(r"(\S+) (=|!=|>=|<=|>|<) (\S+)")
_KINDS = {
    "boolean": QuestionKind.YES_NO,
    "choice": QuestionKind.CHOICE,
    "quantity": QuestionKind.NUMBER,
    "decimal": QuestionKind.NUMBER,
    "integer": QuestionKind.NUMBER,
    "date": QuestionKind.DAY,
    "text": QuestionKind.WORDS,
    "string": QuestionKind.WORDS,
    "group": QuestionKind.PRESSURE,
}
_TASK_OF = {
    "D0": TaskKind.RED_FLAG_911,
    "D0-988": TaskKind.RED_FLAG_911,
    "D1": TaskKind.NURSE_NOW,
    "D2": TaskKind.SAME_DAY_CALLBACK,
    "D3": TaskKind.ROUTINE_MESSAGE,
}
_OPERATORS = {"=", "!=", ">", ">=", "<", "<="}


class FileError(ValueError):
    """What is wrong in a questionnaire, in words for who edits it."""


def read_questionnaire(document: Json) -> Questionnaire:
    """Raises `FileError`."""
    signed = next((_parts(one) for one in _own(document, "sign-off")), {})
    return Questionnaire(
        name=_needed(document, "id"),
        url=_needed(document, "url"),
        version=_needed(document, "version"),
        title=_needed(document, "title"),
        questions=tuple(_question(item) for item in document.get("item", [])),
        rules=tuple(_rule(one) for one in _own(document, "rule")),
        opening=_texts(document, "opening"),
        scores=tuple(_score(one) for one in _own(document, "score")),
        spoken=_texts(document, "also-called"),
        fits=tuple(_fits(document)),
        any_symptom=_is_set(document, "any-symptom"),
        self_only=_is_set(document, "self-only"),
        signed_by=_first(signed, "who"),
        signed_on=_first(signed, "when"),
        demo_only=_first(signed, "scope") == "demo",
    )


def _fits(document: Json) -> Iterator[Coding]:
    """``useContext``: whom it is for."""
    for context in document.get("useContext", []):
        for coding in context.get("valueCodeableConcept", {}).get("coding", []):
            yield _coding(coding)


# --------------------------------------------------------------------------- questions


def _question(item: Json) -> Question:
    link_id, kind = _needed(item, "linkId"), _KINDS.get(str(item.get("type")))
    if kind is None:
        raise FileError(f"item {link_id}: type {item.get('type')!r} cannot be asked by telephone")
    limits = {name: _standard(item, name) for name in ("minValue", "maxValue")}
    unit = _standard(item, "questionnaire-unit") or {}
    return Question(
        link_id=link_id,
        text=_needed(item, "text"),
        kind=kind,
        reasks=_texts(item, "again"),
        options=tuple(_option(one, link_id) for one in item.get("answerOption", [])),
        unit=str(unit.get("code", "")),
        least=float(limits["minValue"] or 0),
        most=float(limits["maxValue"] or 0),
        ask_when=(*_native_terms(item, link_id), *(term(text) for text in _texts(item, "ask-when"))),
        ask_when_any=item.get("enableBehavior") == "any" or _is_set(item, "ask-when-any"),
        finding="".join(_texts(item, "finding")[:1]),
        finding_when=next((str(_value(one)) for one in _own(item, "finding-when")), "yes"),
        heard=_texts(item, "heard"),
        measure=next((str(_value(one)) for one in _own(item, "measure")), ""),
        coding=_coding(next(iter(item.get("code", [])), {})),
    )


def _native_terms(item: Json, link_id: str) -> Iterator[Term]:
    """``enableWhen`` in our terms, https://hl7.org/fhir/R4/questionnaire-definitions.html."""
    for one in item.get("enableWhen", []):
        operator = str(one.get("operator"))
        if operator not in _OPERATORS:
            raise FileError(f"item {link_id}: enableWhen operator {operator!r} is not understood")
        answer = next(value for name, value in one.items() if name.startswith("answer"))
        yield Term(str(one.get("question")), operator, _answer_text(answer))


def _answer_text(answer: Any) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, dict):
        return str(answer.get("code", "")) if "value" not in answer else f"{answer['value']:g}"
    return str(answer)


def _option(one: Json, link_id: str) -> Option:
    coding = one.get("valueCoding") or {}
    if not coding.get("code") or not coding.get("display"):
        raise FileError(f"item {link_id}: every answerOption needs a valueCoding with code and display")
    points = _standard(one, "ordinalValue")
    score = None if points is None else int(points)
    return Option(coding["code"], coding["display"], _texts(one, "spoken"), coding.get("system", ""), score)


# --------------------------------------------------------------------------- rules and scores


def _rule(extension: Json) -> CheckinRule:
    parts = _parts(extension)
    rule_id, code = _first(parts, "id"), _first(parts, "disposition")
    if code not in CODES:
        raise FileError(f"rule {rule_id}: disposition {code!r} is none of {', '.join(CODES)}")
    return CheckinRule(
        rule_id=rule_id,
        code=code,
        reason=_first(parts, "reason") or rule_id,
        task=_task(rule_id, _first(parts, "task"), code),
        all_of=tuple(term(text) for text in parts.get("all", [])),
        any_of=tuple(term(text) for text in parts.get("any", [])),
        count=int(_first(parts, "count") or 1),
        red_flag_id=_first(parts, "danger-sign"),
    )


def _task(rule_id: str, kind: str, code: str) -> TaskKind:
    try:
        return TaskKind(kind) if kind else _TASK_OF[code]
    except ValueError:
        raise FileError(f"rule {rule_id}: there is no task {kind!r}") from None


def term(text: str) -> Term:
    """ "weight-day > 2". Raises `FileError`."""
    found = _TERM.fullmatch(str(text).strip())
    if found is None:
        raise FileError(f"{text!r} is no comparison; write it like weight-day > 2")
    return Term(found[1], found[2], found[3])


def _score(extension: Json) -> ScoreRule:
    parts = _parts(extension)
    bands = (str(text).partition(" ") for text in parts.get("band", []))
    coding: Any = next(iter(parts.get("code", [])), {})
    return ScoreRule(
        _first(parts, "name"),
        tuple(map(str, parts.get("item", []))),
        _coding(coding if isinstance(coding, dict) else {}),
        tuple(Band(int(least), name) for least, _, name in bands),
    )


# --------------------------------------------------------------------------- elements


def _coding(coding: Json) -> Coding:
    return Coding(*(str(coding.get(name, "")) for name in ("system", "code", "display")))


def _own(element: Json, name: str) -> list[Json]:
    return [one for one in element.get("extension", []) if one.get("url") == OWN + name]


def _standard(element: Json, name: str) -> Any:
    return next((_value(one) for one in element.get("extension", []) if one.get("url") == FHIR + name), None)


def _value(extension: Json) -> Any:
    return next((value for name, value in extension.items() if name.startswith("value")), None)


def _texts(element: Json, name: str) -> tuple[str, ...]:
    return tuple(str(_value(one)) for one in _own(element, name))


def _is_set(element: Json, name: str) -> bool:
    return any(_value(one) is True for one in _own(element, name))


def _parts(extension: Json) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in extension.get("extension", []):
        found.setdefault(str(one.get("url")), []).append(_value(one))
    return found


def _first(parts: Mapping[str, list[Any]], name: str) -> str:
    return str(next(iter(parts.get(name, [])), "") or "")


def _needed(element: Json, name: str) -> str:
    if not isinstance(element.get(name), str) or not element[name].strip():
        raise FileError(f"{name} is missing")
    return str(element[name])
