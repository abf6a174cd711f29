"""Who was on the line, as far as it is known: the patient by the chart's name, or what the caller said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from console import wording
from models.domain import DoneAction, IdentityVerified, Result, VerifyIdentity
from models.tables import Call, ChartResource

Claims = Sequence[tuple[VerifyIdentity, Result]]
NOBODY = "Somebody who was not identified"
CHART_GONE = "This patient’s chart has been deleted."
NO_CHART = "This patient is in no chart here."


@dataclass(frozen=True)
class Who:
    """``name``: of the patient, or as the caller said it; ``speaks``: who spoke for the patient, "" they
    themselves. ``remark``: about their chart, "" nothing.
    """

    name: str
    is_known: bool
    identity: str
    speaks: str = ""
    patient_id: str = ""
    remark: str = ""


def who(session: Session, call: Call, patient_id: str, done: Sequence[DoneAction]) -> Who:
    identity = wording.IDENTITY.get(call.identity, call.identity)
    claims = [(one.action, one.result) for one in done if isinstance(one.action, VerifyIdentity)]
    if not patient_id:
        said = next((claim.names[0] for claim, _ in reversed(claims) if claim.names), "")
        return Who(f"Says to be {said}" if said else NOBODY, False, identity)
    name, remark = chart_name(session, patient_id)
    return Who(name or _claimed(claims), True, identity, _speaks(claims), patient_id, remark)


def chart_name(session: Session, patient_id: str) -> tuple[str, str]:
    """The patient's name in the chart and "", or what name there was and why it is not there any more."""
    row = session.get(ChartResource, ("Patient", patient_id))
    if row is None:
        return "", NO_CHART
    return spoken_name(row.body), CHART_GONE if row.deleted else ""


def spoken_name(patient: dict[str, Any]) -> str:
    """ "Maria Lopez": the official name, without middle names."""
    names = sorted(patient.get("name", []), key=lambda name: name.get("use") != "official")
    first = names[0] if names else {}
    return " ".join([*first.get("given", [])[:1], first.get("family", "")]).strip()


def _claimed(claims: Claims) -> str:
    """As it was heard when the chart was found."""
    agreed = [claim.names for claim, result in claims if isinstance(result, IdentityVerified)]
    return agreed[-1][0] if agreed and agreed[-1] else "A patient"


def _speaks(claims: Claims) -> str:
    for claim, result in reversed(claims):
        if isinstance(result, IdentityVerified) and claim.caller_names:
            relation = result.authority.relationship if result.authority else ""
            return f"{claim.caller_names[0]}{f', {relation}' if relation else ''}"
    return ""
