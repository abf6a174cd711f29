"""Identity: who gets in, who does not, and that nobody learns why."""

from __future__ import annotations

from datetime import date

import pytest

from backends.embedded import EmbeddedBackends
from models.audit import entries_about
from models.domain import IdentityLevel, IdentityRefused, IdentityVerified, VerifyIdentity
from models.errors import NotFound
from tests.backends.conftest import TestClock


async def verify(
    backends: EmbeddedBackends, name: str, dob: str, phone: str = "", zip_code: str = "", call: str = "C1"
) -> str:
    """The id of the verified patient, "" when refused."""
    claim = VerifyIdentity("v", tuple(name.split("|")), date.fromisoformat(dob), zip_code)
    answer = await backends.directory.verify(claim, caller_number=phone, call_id=call)
    return answer.patient_id if isinstance(answer, IdentityVerified) else ""


WHO = [  # name, birth date, number, ZIP, patient
    # name, birth date and number
    ("Maria Lopez", "1981-03-05", "+16175550123", "", "pt-1001"),
    ("maria isabel lopez", "1981-03-05", "+16175550123", "", "pt-1001"),
    ("María López", "1981-03-05", "+16175550123", "", "pt-1001"),
    ("Mariah Lopes", "1981-03-05", "+16175550123", "", "pt-1001"),  # as it sounds
    ("Marie Loves|Maria Lopez", "1981-03-05", "+16175550123", "", "pt-1001"),  # second hypothesis
    # one digit off, one item wrong
    ("Maria Lopez", "1981-03-06", "+16175550123", "", ""),
    ("Maria Lopez", "1981-03-05", "+16175550124", "", ""),
    ("Maria Lopez", "1982-03-05", "+16175550123", "02111", ""),
    ("Maria Gomez", "1981-03-05", "+16175550123", "02111", ""),
    ("Ana Lopez", "1981-03-05", "+16175550123", "02111", ""),
    ("Maria", "1981-03-05", "+16175550123", "02111", ""),
    ("Lopez", "1981-03-05", "+16175550123", "02111", ""),
    ("", "1981-03-05", "+16175550123", "02111", ""),
    # wrong or withheld number, right ZIP
    ("Maria Lopez", "1981-03-05", "+16175559999", "02111", "pt-1001"),
    ("Maria Lopez", "1981-03-05", "", "02111-1234", "pt-1001"),
    ("Maria Lopez", "1981-03-05", "", "02112", ""),
    ("Maria Lopez", "1981-03-05", "", "0211", ""),
    ("Maria Lopez", "1981-03-05", "", "", ""),
    ("Dorothy Hill", "1938-10-30", "", "02121", "pt-1012"),  # has no number on file
    ("Dorothy Hill", "1938-10-30", "", "", ""),
    # short names, double names, former names, apostrophes
    ("Bob Smith", "1949-07-12", "+16175550131", "", "pt-1003"),
    ("Tom O'Brien", "1960-02-29", "+16175550137", "", "pt-1010"),
    ("Thomas O Brien", "1960-02-29", "+16175550137", "", "pt-1010"),
    ("Anna Jones", "1990-11-02", "+16175550132", "", "pt-1004"),
    ("Anna-Maria Keller Jones", "1990-11-02", "+16175550132", "", "pt-1004"),
    ("Anna Maria Keller", "1990-11-02", "+16175550132", "", "pt-1004"),
    ("Kate Baker", "1972-04-08", "+16175550139", "", "pt-1013"),
    ("Katherine Wilson", "1972-04-08", "+16175550139", "", "pt-1013"),
    # a household's number opens only the chart whose name and birth date were said
    ("George Wilson", "1969-08-21", "+16175550139", "", "pt-1014"),
    ("George Wilson", "1972-04-08", "+16175550139", "02122", ""),
    # twins differ by their given name alone, which may have been misheard
    ("Ethan Brooks", "2012-05-20", "+16175550133", "", ""),
    ("Evan Brooks", "2012-05-20", "+16175550133", "", ""),
    ("Ethan Brooks|Evan Brooks", "2012-05-20", "+16175550133", "", ""),
    # one name and one birth date twice: the number tells, the ZIP does not
    ("John Miller", "1975-09-09", "+16175550134", "", "pt-1007"),
    ("John Miller", "1975-09-09", "+16175550135", "", "pt-1008"),
    ("John Miller", "1975-09-09", "+16175559999", "02116", ""),
    ("John Miller", "1975-09-09", "+16175550134", "02116", "pt-1007"),
]


@pytest.mark.parametrize(("name", "dob", "phone", "zip_code", "patient"), WHO)
async def test_who_is_verified(
    backends: EmbeddedBackends, name: str, dob: str, phone: str, zip_code: str, patient: str
) -> None:
    assert await verify(backends, name, dob, phone, zip_code) == patient


async def test_a_number_in_disuse_and_a_closed_chart_do_not_count(backends: EmbeddedBackends) -> None:
    body = (await backends.chart.read("Patient", "pt-1001")).body
    old = [{"system": "phone", "value": "+16175550123", "use": "old"}]
    await backends.chart.update({**body, "telecom": old}, "pt-1001")
    assert await verify(backends, "Maria Lopez", "1981-03-05", "+16175550123") == ""
    await backends.chart.update({**body, "active": False}, "pt-1001")
    assert await verify(backends, "Maria Lopez", "1981-03-05", "+16175550123") == ""
    await backends.chart.update({**body, "deceasedBoolean": True}, "pt-1001")
    assert await verify(backends, "Maria Lopez", "1981-03-05", "+16175550123", call="C2") == ""


async def test_three_failures_lock_a_call(backends: EmbeddedBackends) -> None:
    claim = VerifyIdentity("v", ("Maria Lopez",), date(1981, 3, 6), "02111")
    answers = [await backends.directory.verify(claim, caller_number="", call_id="C1") for _ in range(3)]
    assert answers == [IdentityRefused(), IdentityRefused(), IdentityRefused(locked=True)]
    right = VerifyIdentity("v", ("Maria Lopez",), date(1981, 3, 5), "02111")
    locked = await backends.directory.verify(right, caller_number="", call_id="C1")
    assert locked == IdentityRefused(locked=True)
    assert await verify(backends, "Maria Lopez", "1981-03-05", "", "02111", call="C2") == "pt-1001"


async def test_a_claim_that_could_open_nothing_is_no_failure_of_the_number(
    backends: EmbeddedBackends,
) -> None:
    """A ward's telephone, from which patient after patient calls: the ZIP code is still to come."""
    for number in range(6):
        assert await verify(backends, "Maria Lopez", "1981-03-05", "+16175559999", call=f"C{number}") == ""
    assert (
        await verify(backends, "Maria Lopez", "1981-03-05", "+16175559999", "02111", call="C6") == "pt-1001"
    )


async def test_who_could_be_either_twin_has_said_nothing_wrong(backends: EmbeddedBackends) -> None:
    names = ("Ethan Brooks", "Evan Brooks")
    claim = VerifyIdentity("v", names, date(2012, 5, 20))
    for number in range(6):
        answer = await backends.directory.verify(claim, caller_number="+16175550133", call_id=f"C{number}")
        assert answer == IdentityRefused(several=True)
    spelled = VerifyIdentity("v", ("Evan Brooks",), date(2012, 5, 20), spelled=True)
    answer = await backends.directory.verify(spelled, caller_number="+16175550133", call_id="C7")
    assert isinstance(answer, IdentityVerified)
    assert answer.patient_id == "pt-1006"


HELEN, ELLEN = "pt-helen", "pt-ellen"


async def twins(backends: EmbeddedBackends) -> None:
    """Of one birth date, number and ZIP code."""
    body = (await backends.chart.read("Patient", "pt-1001")).body
    for identity, given in ((HELEN, "Helen"), (ELLEN, "Ellen")):
        name = [{"use": "official", "given": [given], "family": "Lopez"}]
        await backends.chart.update({**body, "id": identity, "name": name}, identity)
    await backends.chart.update({**body, "active": False}, "pt-1001")


@pytest.mark.parametrize("heard", ["Allen Lopez", "Ellen Lopez", "Helen Lopez", "Helen Lopes"])
@pytest.mark.parametrize(("phone", "zip_code"), [("+16175550123", ""), ("", "02111")])
async def test_a_first_name_that_may_be_a_twins_opens_nothing_until_it_is_spelled(
    backends: EmbeddedBackends, heard: str, phone: str, zip_code: str
) -> None:
    """ "Helen" was heard as "Allen", which sounds like her sister Ellen, and like nobody else."""
    await twins(backends)
    claim = VerifyIdentity("v", (heard,), date(1981, 3, 5), zip_code)
    answer = await backends.directory.verify(claim, caller_number=phone, call_id="C1")
    assert answer == IdentityRefused(several=True)
    for given, patient in (("Helen", HELEN), ("Ellen", ELLEN), ("Allen", "")):
        claim = VerifyIdentity("v", (f"{given} Lopez",), date(1981, 3, 5), zip_code, spelled=True)
        answer = await backends.directory.verify(claim, caller_number=phone, call_id="C2")
        assert (answer.patient_id if isinstance(answer, IdentityVerified) else "") == patient


async def test_letters_that_only_sound_like_a_name_are_not_that_name(backends: EmbeddedBackends) -> None:
    claim = VerifyIdentity("v", ("Mariah Lopez",), date(1981, 3, 5), spelled=True)
    answer = await backends.directory.verify(claim, caller_number="+16175550123", call_id="C1")
    assert answer == IdentityRefused()


async def test_five_failures_lock_a_number_for_a_day(backends: EmbeddedBackends, clock: TestClock) -> None:
    phone = "+16175550123"
    for number in range(5):
        assert await verify(backends, "Maria Gomez", "1981-03-05", phone, call=f"C{number}") == ""
    assert await verify(backends, "Maria Lopez", "1981-03-05", phone, call="C9") == ""
    assert await verify(backends, "Maria Lopez", "1981-03-05", "", "02111", call="C10") == "pt-1001"
    clock.move(hours=24)
    assert await verify(backends, "Maria Lopez", "1981-03-05", phone, call="C11") == "pt-1001"


async def test_all_refusals_are_alike(backends: EmbeddedBackends) -> None:
    claims = [
        VerifyIdentity("v", ("Nobody Here",), date(1981, 3, 5)),
        VerifyIdentity("v", ("Maria Lopez",), date(1900, 1, 1)),
    ]
    answers = {
        await backends.directory.verify(claim, caller_number="+16175550123", call_id=f"C{number}")
        for number, claim in enumerate(claims)
    }
    assert answers == {IdentityRefused()}


async def test_every_attempt_is_audited(backends: EmbeddedBackends) -> None:
    await verify(backends, "Maria Lopez", "1981-03-05", "+16175550123", call="C7")
    await verify(backends, "Maria Gomez", "1981-03-05", "+16175550123", call="C7")
    read = backends.chart.storage.read
    assert [e.action for e in await read(lambda s: entries_about(s, "Patient/pt-1001"))] == [
        "identity-verified"
    ]
    assert [e.action for e in await read(lambda s: entries_about(s, "call/C7"))] == ["identity-refused"]


async def test_names_at_a_number_are_a_hint(backends: EmbeddedBackends) -> None:
    assert await backends.directory.names_at("+16175550139") == ("Katherine Wilson", "George Wilson")
    assert await backends.directory.names_at("+16175550000") == ()
    assert await backends.directory.names_at("") == ()


async def test_the_view_holds_what_a_call_needs(backends: EmbeddedBackends) -> None:
    view = await backends.directory.view("pt-1001", IdentityLevel.L1)
    assert (view.given_name, view.pharmacy_name, view.provider_name) == (
        "Maria",
        "Main Street Pharmacy",
        "Doctor Chen",
    )
    (medicine,) = view.medicines
    assert (medicine.order_id, medicine.name) == ("pt-1001-rx-1", "lisinopril")
    assert "zestril" in medicine.spoken
    james = await backends.directory.view("pt-1002", IdentityLevel.L1)
    assert [visit.visit_type for visit in james.visits] == ["follow-up"]


async def test_no_view_without_identity(backends: EmbeddedBackends) -> None:
    for patient_id, level in (("pt-1001", IdentityLevel.L0), ("none", IdentityLevel.L1)):
        with pytest.raises(NotFound):
            await backends.directory.view(patient_id, level)


async def test_proposals_and_stopped_orders_are_not_medicines(backends: EmbeddedBackends) -> None:
    order = (await backends.chart.read("MedicationRequest", "pt-1001-rx-1")).body
    await backends.chart.update({**order, "status": "stopped"}, "pt-1001-rx-1")
    assert (await backends.directory.view("pt-1001", IdentityLevel.L2)).medicines == ()


async def test_facts_carry_the_roster_and_the_formulary(backends: EmbeddedBackends) -> None:
    facts = await backends.facts()
    assert "Maria Lopez" in facts.roster_names
    assert "lisinopril" in facts.medicine_names
    assert facts.staff_available is False  # a Sunday
