"""Crowded rosters: same names, twins, short and double names, household numbers. Never the wrong chart."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from dataclasses import dataclass
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from backends.embedded import EmbeddedBackends
from backends.identity import SOUNDS_ALIKE
from models.domain import IdentityVerified, VerifyIdentity
from words.phonetic import similarity

GIVEN = (
    "Maria",
    "Mariah",
    "Ethan",
    "Evan",
    "John",
    "Jon",
    "Anna",
    "Hannah",
    "Katherine",
    "Kate",
    "Robert",
    "Bob",
)
FAMILY = ("Lopez", "Lopes", "Keller-Jones", "Jones", "O'Brien", "Bryan", "Smith", "Smyth")
BORN = tuple(date(year, 5, day) for year in (1961, 1981, 2016) for day in (12, 13))
PHONES = tuple(f"+161755501{n:02}" for n in range(40, 56))
ZIPS = ("02111", "02112", "02121")
ROSTERS = 3 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1
PEOPLE = 90
_calls = itertools.count()


@dataclass(frozen=True)
class Person:
    patient_id: str
    given: str
    family: str
    born: date
    phone: str
    zip_code: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    def resource(self) -> dict[str, Any]:
        return {
            "resourceType": "Patient",
            "id": self.patient_id,
            "name": [{"use": "official", "given": [self.given], "family": self.family}],
            "birthDate": self.born.isoformat(),
            "telecom": [{"system": "phone", "use": "mobile", "value": self.phone}],
            "address": [{"postalCode": self.zip_code}],
        }


def roster(seed: int) -> list[Person]:
    pick = random.Random(seed)
    pools = (GIVEN, FAMILY, BORN, PHONES, ZIPS)
    return [
        Person(f"p{seed}-{n}", *(pick.choice(pool) for pool in pools))  # type: ignore[arg-type]
        for n in range(PEOPLE)
    ]


@pytest.fixture(params=range(ROSTERS))
def crowd(request: pytest.FixtureRequest, empty: EmbeddedBackends) -> tuple[EmbeddedBackends, list[Person]]:
    people = roster(request.param)
    resources = [person.resource() for person in people]
    asyncio.run(empty.chart.storage.write(lambda s: empty.chart.store.add_missing(s, resources)))
    return empty, people


def verified(
    backends: EmbeddedBackends, name: str, born: date, *, phone: str = "", zip_code: str = ""
) -> str:
    """The id of the chart that the claim opens, "" for none. Each claim is a call of its own."""
    claim = VerifyIdentity("v", (name,), born, zip_code)
    call_id = f"C{next(_calls)}"
    answer = asyncio.run(backends.directory.verify(claim, caller_number=phone, call_id=call_id))
    return answer.patient_id if isinstance(answer, IdentityVerified) else ""


def plain(name: str) -> str:
    return name.lower().replace("'", "").replace("-", " ")


class TestCrowd:
    def test_everybody_whom_the_items_tell_apart_is_let_in_and_nobody_else_is(
        self, crowd: tuple[EmbeddedBackends, list[Person]]
    ) -> None:
        backends, people = crowd
        for person in people:
            same = [p for p in people if (plain(p.name), p.born) == (plain(person.name), person.born)]
            alone = len([p for p in same if p.phone == person.phone]) == 1
            found = verified(backends, person.name, person.born, phone=person.phone)
            assert found in (person.patient_id, "")
            if alone and not self._short_forms(person, people):
                assert found == person.patient_id, person

    @staticmethod
    def _short_forms(person: Person, people: list[Person]) -> bool:
        """Somebody of the same number and birth date may go by the same name (Kate and Katherine), or by one
        that is taken for it (Anna and Hannah).
        """
        mates = [p for p in people if p.phone == person.phone and p.born == person.born and p != person]
        halves = [
            (one, other)
            for mate in mates
            for one in (*mate.family.split("-"), mate.family)
            for other in (*person.family.split("-"), person.family)
        ]
        return any(similarity(one, other) >= SOUNDS_ALIKE for one, other in halves)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        at=st.integers(0, PEOPLE - 1),
        digit=st.integers(0, 9),
        place=st.integers(0, 9),
        item=st.integers(0, 2),
    )
    def test_one_digit_off_never_opens_the_chart(
        self, crowd: tuple[EmbeddedBackends, list[Person]], at: int, digit: int, place: int, item: int
    ) -> None:
        backends, people = crowd
        person = people[at]
        born, phone, zip_code = self._mutated(person, digit, place, item)
        if (born, phone, zip_code) in ((person.born, person.phone, ""), (person.born, "", person.zip_code)):
            return  # the digit was the right one
        assert verified(backends, person.name, born, phone=phone, zip_code=zip_code) != person.patient_id

    @staticmethod
    def _mutated(person: Person, digit: int, place: int, item: int) -> tuple[date, str, str]:
        """Birth date, caller's number and ZIP with one digit of one of them changed."""

        def change(text: str) -> str:
            spots = [n for n, letter in enumerate(text) if letter.isdigit()]
            spot = spots[place % len(spots)]
            return text[:spot] + str(digit) + text[spot + 1 :]

        if item == 0:
            try:
                return date.fromisoformat(change(person.born.isoformat())), person.phone, ""
            except ValueError:
                return person.born, person.phone, ""
        return (
            (person.born, change(person.phone), "")
            if item == 1
            else (person.born, "", change(person.zip_code))
        )

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        given_name=st.sampled_from(GIVEN),
        family=st.sampled_from(FAMILY),
        born=st.sampled_from(BORN),
        phone=st.sampled_from(("", *PHONES, "+447700900123")),
        zip_code=st.sampled_from(("", *ZIPS)),
    )
    def test_whoever_is_let_in_fits_in_every_item_and_is_the_only_one_of_that_name(
        self,
        crowd: tuple[EmbeddedBackends, list[Person]],
        given_name: str,
        family: str,
        born: date,
        phone: str,
        zip_code: str,
    ) -> None:
        backends, people = crowd
        name = f"{given_name} {family}"
        found = verified(backends, name, born, phone=phone, zip_code=zip_code)
        if not found:
            return
        person = next(p for p in people if p.patient_id == found)
        assert person.born == born
        assert person.phone == phone or person.zip_code == zip_code
        rivals = [p for p in people if plain(p.name) == plain(name) and p.born == born and p != person]
        if person.phone == phone:
            rivals = [rival for rival in rivals if rival.phone == phone]
        else:
            rivals = [rival for rival in rivals if rival.zip_code == zip_code]
        assert not rivals
