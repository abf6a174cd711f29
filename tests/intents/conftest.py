"""One loaded mind and one encoder for all tests of this folder: they take seconds to read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intents.encoder import SentenceEncoder
from intents.understand import MindService
from models.domain import (
    Context,
    IdentityLevel,
    Medicine,
    PatientView,
    PracticeFacts,
    Provider,
    VisitType,
)


@pytest.fixture(scope="session")
def mind() -> MindService:
    service = MindService()
    service.load()
    return service


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """As training uses it."""
    sentences = SentenceEncoder()
    sentences.load()
    return sentences


@pytest.fixture(scope="session")
def context() -> Context:
    """A practice on a Monday morning, and a verified patient."""
    practice = PracticeFacts(
        name="Oak Street Family Practice",
        phone="+16175550100",
        timezone="America/New_York",
        providers=(Provider("p1", "Doctor Chen", ("Susan Chen",)), Provider("p2", "Doctor Patel")),
        visit_types=(VisitType("physical", "annual physical", 40, ("checkup", "physical")),),
        pharmacies=("Main Street Pharmacy", "CVS on Oak Avenue"),
        roster_names=("Susan Miller", "Robert Jones", "Maria Garcia-Lopez"),
        medicine_names=("lisinopril", "metformin", "atorvastatin"),
    )
    patient = PatientView(
        patient_id="x",
        given_name="Susan",
        level=IdentityLevel.L1,
        medicines=(
            Medicine("o1", "lisinopril", "lisinopril 10 MG Oral Tablet"),
            Medicine("o2", "metformin", "metformin 500 MG Oral Tablet"),
        ),
    )
    return Context(datetime(2026, 11, 23, 14, 0, tzinfo=UTC), practice, patient=patient)
