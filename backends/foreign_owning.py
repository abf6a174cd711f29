"""``--as-own-patients``: the practice takes over the patients of a foreign chart. Pure.

Orders get a prescriber of this practice and patients a usual provider, so that the practice answers for them.
The same foreign practitioner always becomes the same provider of ours (as long as the practice's list of
providers stays), in every file. Who it was before is kept beside the new reference.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from backends.refusals import Json

FORMER = "urn:firstring:install/former-practitioner"  # extension: whom the reference pointed at
_PEOPLE = ("Practitioner/", "PractitionerRole/")


def adopted(resource: Json, own: Sequence[str], usual: str = "") -> Json:
    """The resource as the practice's own, itself when nothing is to change.

    ``own``: ids of the practice's providers. ``usual``: the foreign practitioner whom the patient mostly saw.
    """
    match resource["resourceType"]:
        case "MedicationRequest" if _is_foreign(resource.get("requester"), own):
            return {**resource, "requester": _taken_over(resource["requester"], own)}
        case "Patient":
            return _patient(resource, own, usual)
        case _:
            return resource


def usual_practitioner(resources: Iterable[Json]) -> str:
    """The reference to the practitioner who ordered most in a file, else who was seen most; "" for none."""
    ordered: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for resource in resources:
        if resource["resourceType"] == "MedicationRequest":
            ordered.update(_person(resource.get("requester")))
        for part in resource.get("participant", []) if resource["resourceType"] == "Encounter" else []:
            seen.update(_person(part.get("individual")))
    ranked = sorted((ordered or seen).items(), key=lambda item: (-item[1], item[0]))
    return ranked[0][0] if ranked else ""


def own_provider(reference: str, own: Sequence[str]) -> str:
    """The reference to the provider of ours who takes a foreign practitioner's place."""
    number = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8], "big")
    return f"Practitioner/{own[number % len(own)]}"


def _patient(patient: Json, own: Sequence[str], usual: str) -> Json:
    before = patient.get("generalPractitioner", [])
    if any(item.get("reference", "").removeprefix("Practitioner/") in own for item in before):
        return patient
    foreign = next((item for item in before if _is_foreign(item, own)), None)
    others = [item for item in before if item is not foreign]
    if foreign is not None:
        return {**patient, "generalPractitioner": [_taken_over(foreign, own), *others]}
    chosen = own_provider(usual or f"Patient/{patient.get('id', '')}", own)
    return {**patient, "generalPractitioner": [{"reference": chosen}, *others]}


def _taken_over(reference: Json, own: Sequence[str]) -> Json:
    former = {name: item for name, item in reference.items() if name != "extension"}
    return {
        "extension": [*reference.get("extension", []), {"url": FORMER, "valueReference": former}],
        "reference": own_provider(reference["reference"], own),
    }


def _is_foreign(reference: Json | None, own: Sequence[str]) -> bool:
    target = (reference or {}).get("reference", "")
    return target.startswith(_PEOPLE) and target.partition("/")[2] not in own


def _person(reference: Json | None) -> list[str]:
    target = str((reference or {}).get("reference", ""))
    return [target] if target.startswith(_PEOPLE) else []
