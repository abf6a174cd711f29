"""Who speaks: the patient, somebody for the patient, or a child alone; and what each may have done.

What is known of it stands in the call's facts: ``proxy`` (somebody says that they speak for another),
``caller_name(s)``, ``relation`` in the caller's word, and, once the chart or the patient has said so,
``scopes``, ``basis`` and ``chart_relation``.
"""

from __future__ import annotations

from datetime import date

from dialog.reading import value
from dialog.relatives import relation_in
from dialog.steps import Flow
from dialog.turn import Turn
from models.domain import Authority, IdentityLevel, ProxyScope, Understanding
from words import confidential
from words.formulary import by_name

ADULT_YEARS = 18
MAY_SPEAK_YEARS = 12  # a patient from this age on may call alone, where the practice lets them


def speaks_for_another(turn: Turn) -> bool:
    return turn.state.known.get("proxy") is True


def granted(turn: Turn, authority: Authority) -> Turn:
    """From now on this caller speaks for the patient, as far as the authority goes."""
    scopes = " ".join(scope.value for scope in authority.scopes)
    return turn.note(proxy=True, scopes=scopes, basis=authority.basis, chart_relation=authority.relationship)


def is_child(turn: Turn) -> bool:
    """The patient, by the birth date that was said, is under 18."""
    return turn.state.known.get("age", ADULT_YEARS) < ADULT_YEARS  # type: ignore[operator]


def age_years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def alone(turn: Turn) -> bool:
    """A child who calls without a parent or guardian."""
    return is_child(turn) and not speaks_for_another(turn) and turn.state.known.get("guardian") is False


def permits(turn: Turn, flow: Flow) -> bool:
    """Whether who speaks may have this done, as far as is known by now."""
    if alone(turn):
        old_enough = int(turn.known("age")) >= MAY_SPEAK_YEARS and turn.practice.minors_may_schedule
        return old_enough and flow.scope is ProxyScope.SCHEDULING
    if turn.state.identity is IdentityLevel.L0 or not turn.known("basis"):
        return True
    return bool({ProxyScope.ALL.value, flow.scope.value} & set(turn.known("scopes").split()))


def about_another(turn: Turn, heard: Understanding) -> bool:
    """Words about somebody else than the patient whose chart this call has opened."""
    if turn.state.identity is IdentityLevel.L0:
        return False
    relation = relation_in(heard)
    return bool(relation) and relation not in (turn.known("relation"), "patient")


def needs_person(turn: Turn, heard: Understanding) -> bool:
    """A confidential service, asked about by another or by a child alone: a person's matter."""
    if not (speaks_for_another(turn) or is_child(turn)):
        return False
    drug = by_name(value(heard, "drug"))
    return confidential.mentioned(heard.text) or (
        drug is not None and drug.drug_class in confidential.CLASSES
    )


def told(turn: Turn) -> str:
    """For staff: who called for whom, and on what authority; "" where the patient called."""
    if alone(turn):
        return f"Patient of {turn.known('age')} called alone."
    if not speaks_for_another(turn):
        return ""
    who = turn.known("caller_name") or "Somebody"
    relation = turn.known("chart_relation")
    said = f", who says for {turn.known('relation')}" if turn.known("relation") else ""
    basis = turn.known("basis")
    on = f"on {basis}, scope {turn.known('scopes').replace(' ', ', ')}" if basis else "no authority found"
    return f"{who}{f' ({relation})' if relation else said} called for the patient: {on}."
