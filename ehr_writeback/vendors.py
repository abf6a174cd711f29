"""What three vendors' FHIR R4 servers take of what we write, as a table: one row a cell, with its source.

The rows are read from published statements and pages, **not tried against the vendor**; a site may enable
less. The sender fits resources to them (`ehr_writeback.fitting`), the stub servers refuse what they refuse
(`ehr_writeback.vendor_server`), and docs/ehr.md shows them: one table, so that none of the three can drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ehr_writeback.demands import (
    ORACLE_APPOINTMENT,
    ORACLE_COMMUNICATION,
    ORACLE_NOTE,
    ORACLE_OBSERVATION,
    Demand,
)

EPIC_STATEMENT = "Epic's R4 sandbox CapabilityStatement, software version May 2026, captured 2026-07-24"
ORACLE_PAGES = "github.com/cerner/fhir.cerner.com, Millennium R4 pages, last changed 2024-05"
ATHENA_STATEMENT = "athenahealth's CapabilityStatement, captured 2026-08"


class Vendor(StrEnum):
    """``OTHER`` is everybody who takes what the CapabilityStatement says, as R4 defines it."""

    EPIC = "Epic"
    ORACLE = "Oracle Health"
    ATHENA = "athenahealth"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cell:
    """One resource type at one vendor.

    ``interactions`` is what the server offers. ``demands`` is what a resource must have to be taken, beyond
    R4. ``avoided`` says why we do not create it although the server would let us. ``operations`` are named
    without "$".
    """

    vendor: Vendor
    resource_type: str
    interactions: str = ""
    demands: tuple[Demand, ...] = ()
    avoided: str = ""
    remark: str = ""
    operations: str = ""

    @property
    def source(self) -> str:
        return _SOURCES[self.vendor]

    @property
    def creates(self) -> bool:
        """Whether a POST of this type is taken there."""
        return "create" in self.interactions.split()


_SOURCES = {
    Vendor.EPIC: EPIC_STATEMENT,
    Vendor.ORACLE: ORACLE_PAGES,
    Vendor.ATHENA: ATHENA_STATEMENT,
    Vendor.OTHER: "the server's own CapabilityStatement",
}
_READ = "read search-type"
_ORDERS = "there it would be an order, not a request that a prescriber decides on"

CELLS: tuple[Cell, ...] = (
    Cell(Vendor.EPIC, "Encounter", _READ),
    Cell(Vendor.EPIC, "DocumentReference", f"create update {_READ}"),
    Cell(Vendor.EPIC, "Communication", f"create {_READ}"),
    Cell(Vendor.EPIC, "Task", f"update {_READ}", remark="Tasks made in Epic can be updated"),
    Cell(Vendor.EPIC, "MedicationRequest", _READ),
    Cell(Vendor.EPIC, "Appointment", _READ, remark="neither $find nor $book is in the R4 statement"),
    Cell(Vendor.EPIC, "QuestionnaireResponse", f"create {_READ}"),
    Cell(Vendor.EPIC, "Observation", f"create update {_READ}"),
    Cell(Vendor.EPIC, "Provenance", "read"),
    Cell(Vendor.EPIC, "Patient", _READ, remark="Patient/$match is offered", operations="match"),
    Cell(Vendor.ORACLE, "Encounter", f"create patch {_READ}"),
    Cell(Vendor.ORACLE, "DocumentReference", f"create {_READ}", ORACLE_NOTE),
    Cell(Vendor.ORACLE, "Communication", f"create patch {_READ}", ORACLE_COMMUNICATION),
    Cell(Vendor.ORACLE, "Task", remark="not in the published R4 pages"),
    Cell(Vendor.ORACLE, "MedicationRequest", f"create patch {_READ}", avoided=_ORDERS),
    Cell(Vendor.ORACLE, "Appointment", f"create patch {_READ}", ORACLE_APPOINTMENT),
    Cell(Vendor.ORACLE, "QuestionnaireResponse", f"update {_READ}"),
    Cell(Vendor.ORACLE, "Observation", f"create {_READ}", ORACLE_OBSERVATION),
    Cell(Vendor.ORACLE, "Provenance", f"create {_READ}"),
    Cell(Vendor.ORACLE, "Patient", _READ, remark="no $match: patients are searched for"),
    Cell(Vendor.ATHENA, "Encounter", _READ),
    Cell(Vendor.ATHENA, "DocumentReference", _READ, remark="notes go in by athenaOne's own interface only"),
    Cell(Vendor.ATHENA, "Communication", remark="a call is a patient case of athenaOne's interface"),
    Cell(Vendor.ATHENA, "Task"),
    Cell(Vendor.ATHENA, "MedicationRequest", _READ, remark="asked for by a patient case"),
    Cell(Vendor.ATHENA, "Appointment", _READ, remark="booked by athenaOne's own interface"),
    Cell(Vendor.ATHENA, "QuestionnaireResponse", f"create {_READ}"),
    Cell(Vendor.ATHENA, "Observation", _READ),
    Cell(Vendor.ATHENA, "Provenance", "read"),
    Cell(Vendor.ATHENA, "Patient", _READ, remark="no $match of FHIR: patients are searched for"),
)
# None of the three says that it takes If-None-Exist or transactions: every POST is preceded by a look.
BY_PLACE: Mapping[tuple[Vendor, str], Cell] = {(cell.vendor, cell.resource_type): cell for cell in CELLS}
_NAMES = {"epic": Vendor.EPIC, "cerner": Vendor.ORACLE, "oracle": Vendor.ORACLE, "athena": Vendor.ATHENA}


def vendor_of(software: str) -> Vendor:
    """Whose server it is, by what its CapabilityStatement calls it (software name, publisher)."""
    words = software.casefold()
    return next((vendor for name, vendor in _NAMES.items() if name in words), Vendor.OTHER)


def cells_of(vendor: Vendor) -> tuple[Cell, ...]:
    """In the order of the table."""
    return tuple(cell for cell in CELLS if cell.vendor is vendor)
