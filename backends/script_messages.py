"""Prescriptions in the vocabulary of NCPDP SCRIPT (https://standards.ncpdp.org/), as plain values with JSON.

The words are SCRIPT's, the encoding is ours: no network carries these messages, nothing here is certified.
A practice's own system sends real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from models.errors import BackendError


class ScriptError(BackendError):
    """A stored message is none of those that this program writes."""

    code = "script-message"
    fix = "The message was written by another version of Firstring."


class ResponseKind(StrEnum):
    """What a prescriber answers to a pharmacy that asked for a renewal."""

    APPROVED = "Approved"
    APPROVED_WITH_CHANGES = "ApprovedWithChanges"
    DENIED = "Denied"
    REPLACE = "Replace"


@dataclass(frozen=True, slots=True)
class DrugCoded:
    """``rxnorm`` and ``ndc`` are "" where the order has no such code: the text always stands."""

    text: str
    rxnorm: str = ""
    ndc: str = ""


@dataclass(frozen=True, slots=True)
class Prescribed:
    """What is to be dispensed. ``days_supply`` None: the order does not say."""

    drug: DrugCoded
    quantity: float | None = None
    days_supply: int | None = None
    refills: int | None = None  # beyond the first fill


@dataclass(frozen=True, slots=True)
class NewRx:
    """A new prescription, from the practice to the pharmacy."""

    prescriber_order_number: str
    prescribed: Prescribed
    pharmacy: str = ""
    status: str = "NewRx"


@dataclass(frozen=True, slots=True)
class RxRenewalRequest:
    """The pharmacy asks for refills that are used up. ``last_fill_date`` is an ISO day, or ""."""

    rx_reference_number: str  # the pharmacy's
    prescriber_order_number: str  # ours: the id of the order
    prescribed: Prescribed
    pharmacy_requested_refills: int = 0
    last_fill_date: str = ""
    status: str = "RxRenewalRequest"


@dataclass(frozen=True, slots=True)
class RxRenewalResponse:
    """The prescriber's answer to it. ``prescribed`` None: denied. ``note`` is for the pharmacy."""

    rx_reference_number: str
    prescriber_order_number: str
    response: ResponseKind
    prescribed: Prescribed | None = None
    note: str = ""
    status: str = "RxRenewalResponse"


Message = NewRx | RxRenewalRequest | RxRenewalResponse
_KINDS: Mapping[str, type[NewRx] | type[RxRenewalRequest] | type[RxRenewalResponse]] = {
    "NewRx": NewRx,
    "RxRenewalRequest": RxRenewalRequest,
    "RxRenewalResponse": RxRenewalResponse,
}


def to_json(message: Message) -> dict[str, Any]:
    """A message as JSON data; `from_json` gives the same message back."""
    return asdict(message)


def from_json(data: Mapping[str, Any]) -> Message:
    """Raises `ScriptError` for what is no message of ours."""
    kind = _KINDS.get(str(data.get("status")))
    if kind is None:
        raise ScriptError("not a message of the pharmacy stub")
    try:
        values = {**data, "prescribed": _prescribed(data["prescribed"])}
        if kind is RxRenewalResponse:
            values["response"] = ResponseKind(data["response"])
        return kind(**values)
    except (KeyError, TypeError, ValueError) as problem:
        raise ScriptError("a damaged message of the pharmacy stub") from problem


def _prescribed(data: Mapping[str, Any] | None) -> Prescribed | None:
    return None if data is None else Prescribed(**{**data, "drug": DrugCoded(**data["drug"])})
