"""Whether a chart is in use, in words for staff. Pure."""

from __future__ import annotations

from backends.refusals import Json


def why_closed(patient: Json) -> str:
    """ "deceased", "merged into another chart", "not in use"; "" for a chart in use.

    https://hl7.org/fhir/R4/patient.html: ``deceased[x]``, ``link`` of type replaced-by, ``active``.
    """
    if patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient:
        return "deceased"
    if replaced_by(patient):
        return "merged into another chart"
    return "not in use" if patient.get("active") is False else ""


def replaced_by(patient: Json) -> str:
    """The id of the chart that this one was merged into, "" where it was not."""
    links = (one for one in patient.get("link", []) if one.get("type") == "replaced-by")
    references = (str(one.get("other", {}).get("reference", "")) for one in links)
    return next((ref.removeprefix("Patient/") for ref in references if ref.startswith("Patient/")), "")
