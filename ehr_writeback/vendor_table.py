"""The table of vendors as docs/ehr.md shows it. `python -m ehr_writeback.vendor_table` prints it."""

from __future__ import annotations

from collections.abc import Iterator

from ehr_writeback.vendors import BY_PLACE, Cell, Vendor, cells_of

VENDORS = (Vendor.EPIC, Vendor.ORACLE, Vendor.ATHENA)
WHAT = {
    "Encounter": "the call (Encounter)",
    "DocumentReference": "the note (DocumentReference)",
    "Communication": "danger sign to staff (Communication)",
    "Task": "work for staff (Task)",
    "MedicationRequest": "refill proposal (MedicationRequest)",
    "Appointment": "visit booked (Appointment)",
    "QuestionnaireResponse": "check-in (QuestionnaireResponse)",
    "Observation": "numbers and scores (Observation)",
    "Provenance": "who made it (Provenance)",
    "Patient": "whose chart (Patient)",
}


def lines() -> Iterator[str]:
    """Markdown."""
    yield "| We write | " + " | ".join(vendor.value for vendor in VENDORS) + " |"
    yield "| --- |" + " --- |" * len(VENDORS)
    for kind, name in WHAT.items():
        cells = [BY_PLACE[vendor, kind] for vendor in VENDORS]
        yield f"| {name} | " + " | ".join(_said(cell) for cell in cells) + " |"


def sources() -> Iterator[str]:
    """Markdown: where each column was read."""
    for vendor in VENDORS:
        yield f"- {vendor.value}: {cells_of(vendor)[0].source}"


def _said(cell: Cell) -> str:
    if cell.resource_type == "Patient":
        said = "looked up"
    elif cell.avoided:
        said = f"not sent: {cell.avoided}"
    else:
        said = "**sent**" if cell.creates else "not taken"
    demands = f"; demanded: {', '.join(demand.says for demand in cell.demands)}" if cell.demands else ""
    return said + demands + (f"; {cell.remark}" if cell.remark else "")


if __name__ == "__main__":
    print("\n".join([*lines(), "", *sources()]))
