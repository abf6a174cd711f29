"""A check-in as FHIR R4: a QuestionnaireResponse, and an Observation for each number and score. Pure.

What patients say of themselves carries PATAST, "patient asserted"
(https://terminology.hl7.org/CodeSystem-v3-ObservationValue.html). Nothing here means more than the answer:
a score's published name goes into ``interpretation`` for staff.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ehr_writeback import codings
from ehr_writeback.checks_checkin import is_understood
from ehr_writeback.planned import Json
from ehr_writeback.times import instant
from models.domain import CheckinAnswer, CheckinScore, Coding, FileCheckin, QuestionKind

ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
QUOTE = "urn:firstring:checkin:quote"
UNDERSTOOD = "urn:firstring:checkin:understood"  # the value was read from words that do not say it themselves
UNDERSTOOD_WORDS = "understood from the caller's words, which do not say it themselves: not verified"
UCUM = "http://unitsofmeasure.org"
_VITAL_SIGNS = frozenset({"29463-7", "85354-9", "8310-5"})  # the rest are answers to a survey
_PRESSURE = (
    ("systolic", "8480-6", "Systolic blood pressure"),
    ("diastolic", "8462-4", "Diastolic blood pressure"),
)
_UNITS = {"[lb_av]": "lb", "mm[Hg]": "mmHg", "[degF]": "degF", "d": "days"}


def response(filed: FileCheckin, at: datetime, author: Json) -> Json:
    """https://hl7.org/fhir/R4/questionnaireresponse.html, less what names it and its call."""
    return {
        "resourceType": "QuestionnaireResponse",
        "meta": {"security": [codings.PATIENT_ASSERTED]},
        "questionnaire": filed.questionnaire,
        "status": filed.status.value,
        "subject": {"reference": f"Patient/{filed.patient_id}"},
        "authored": instant(at),
        "author": author,
        "source": {"reference": f"Patient/{filed.patient_id}"},
        "item": [_item(answer) for answer in filed.answers],
    }


def observations(filed: FileCheckin, at: datetime, device: Json) -> Iterator[Json]:
    """https://hl7.org/fhir/R4/observation.html, of every coded number, scored answer and score."""
    for answer in filed.answers:
        if answer.coding.code and not answer.absent and (value := _observed(answer)):
            yield {**_observation(filed, answer.coding, at), **value, **_marked(answer)}
    marks = next((mark for one in filed.answers if one.score is not None and (mark := _marked(one))), {})
    for score in filed.scores:
        yield {
            **_observation(filed, score.coding, at, score.name),
            **_total(score),
            "device": device,
            **marks,
        }


def _marked(answer: CheckinAnswer) -> Json:
    return {"note": [{"text": UNDERSTOOD_WORDS}]} if is_understood(answer) else {}


# --------------------------------------------------------------------------- items


def _item(answer: CheckinAnswer) -> Json:
    item: Json = {"linkId": answer.link_id, "text": answer.text}
    extensions: list[Json] = [{"url": QUOTE, "valueString": answer.quote}] if answer.quote else []
    if answer.absent:
        extensions.append({"url": ABSENT, "valueCode": answer.absent})
    if is_understood(answer):
        extensions.append({"url": UNDERSTOOD, "valueBoolean": True})
    if extensions:
        item["extension"] = extensions
    if answer.absent:
        return item
    if answer.kind is QuestionKind.PRESSURE:
        return {**item, "item": list(_both(answer))}
    return {**item, "answer": [_value(answer)]}


def _both(answer: CheckinAnswer) -> Iterator[Json]:
    for number, (end, _, display) in zip(answer.value.split("/"), _PRESSURE, strict=True):
        quantity = _quantity(float(number), "mm[Hg]")
        yield {"linkId": f"{answer.link_id}-{end}", "text": display, "answer": [{"valueQuantity": quantity}]}


def _value(answer: CheckinAnswer) -> Json:
    match answer.kind:
        case QuestionKind.YES_NO:
            return {"valueBoolean": answer.value == "yes"}
        case QuestionKind.NUMBER:
            return {"valueQuantity": _quantity(float(answer.value), answer.unit)}
        case QuestionKind.DAY:
            return {"valueDate": answer.value}
        case QuestionKind.CHOICE if answer.display:
            return {"valueCoding": _coding(answer.system, answer.value, answer.display)}
    return {"valueString": answer.value}


def _quantity(value: float, unit: str) -> Json:
    number = int(value) if value.is_integer() else value
    return {"value": number, "unit": _UNITS.get(unit, unit), "system": UCUM, "code": unit}


def _coding(system: str, code: str, display: str) -> Json:
    return {**({"system": system} if system else {}), "code": code, "display": display}


# --------------------------------------------------------------------------- observations


def _observation(filed: FileCheckin, coding: Coding, at: datetime, name: str = "") -> Json:
    category = "vital-signs" if coding.code in _VITAL_SIGNS else "survey"
    code = (
        {"coding": [_coding(coding.system, coding.code, coding.display)]} if coding.code else {"text": name}
    )
    return {
        "resourceType": "Observation",
        "meta": {"security": [codings.PATIENT_ASSERTED]},
        "status": "preliminary",
        "category": [{"coding": [{"system": codings.OBSERVATION_CATEGORY, "code": category}]}],
        "code": code,
        "subject": {"reference": f"Patient/{filed.patient_id}"},
        "effectiveDateTime": instant(at),
    }


def _observed(answer: CheckinAnswer) -> Json:
    """The value of an answer that is a number or was scored; {} for any other."""
    if answer.kind is QuestionKind.NUMBER:
        return {"valueQuantity": _quantity(float(answer.value), answer.unit)}
    if answer.kind is QuestionKind.PRESSURE:
        return {"component": list(_components(answer))}
    if answer.score is not None:
        return {"valueCodeableConcept": {"coding": [_coding(answer.system, answer.value, answer.display)]}}
    return {}


def _components(answer: CheckinAnswer) -> Iterator[Json]:
    for number, (_, code, display) in zip(answer.value.split("/"), _PRESSURE, strict=True):
        yield {
            "code": {"coding": [_coding("http://loinc.org", code, display)]},
            "valueQuantity": _quantity(float(number), "mm[Hg]"),
        }


def _total(score: CheckinScore) -> Json:
    band = {"interpretation": [{"text": score.band}]} if score.band else {}
    return {"valueInteger": score.total, **band}
