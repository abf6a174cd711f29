"""Contacts and shifts of practice.toml: who is on call when, and what is said of a wrong file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backends.on_call import Channel, OnCall, read_on_call
from backends.practice import load_practice
from backends.practice_file import Table
from models.errors import SettingsError

BOSTON = ZoneInfo("America/New_York")
CHEN = {"name": "Dr. Chen", "phone": "+16175550181"}
RIVERA = {
    "name": "Nurse Rivera",
    "phone": "+16175550182",
    "email": "rivera@example.org",
    "channels": ["email"],
}


def on_call(*shifts: dict[str, Any], contacts: tuple[dict[str, Any], ...] = (CHEN, RIVERA)) -> OnCall:
    return read_on_call(Table("practice.toml", "", {"contacts": list(contacts), "on_call": list(shifts)}))


def names(found: OnCall, at: str, *, urgent: bool = True) -> list[str]:
    now = datetime.fromisoformat(at).replace(tzinfo=BOSTON)
    return [contact.name for contact in found.at(now, BOSTON, urgent=urgent)]


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    found = on_call({"who": "Dr. Chen", "weekdays": ["friday"], "times": ["17:00-08:00"]})
    assert names(found, "2026-11-27T16:59") == []
    assert names(found, "2026-11-27T17:00") == ["Dr. Chen"]
    assert names(found, "2026-11-28T07:59") == ["Dr. Chen"]
    assert names(found, "2026-11-28T08:00") == []
    assert names(found, "2026-11-28T17:00") == []


def test_the_order_is_kept_and_nobody_is_tried_twice() -> None:
    found = on_call(
        {"who": "Dr. Chen", "order": 2},
        {"who": "Nurse Rivera", "order": 1},
        {"who": "Dr. Chen", "order": 3, "weekdays": ["tuesday"]},
    )
    assert names(found, "2026-11-24T12:00") == ["Nurse Rivera", "Dr. Chen"]


def test_dates_are_those_days_only() -> None:
    found = on_call({"who": "Dr. Chen", "dates": [datetime(2026, 12, 25).date()]})
    assert names(found, "2026-12-25T03:00") == ["Dr. Chen"]
    assert names(found, "2026-12-26T03:00") == []


def test_an_ordinary_call_rings_only_who_takes_any() -> None:
    found = on_call({"who": "Dr. Chen"}, {"who": "Nurse Rivera", "takes": "any"})
    assert names(found, "2026-11-24T12:00", urgent=False) == ["Nurse Rivera"]


def test_both_sides_of_daylight_saving() -> None:
    """The night of 1 November 2026 is an hour longer: nobody is missing in it."""
    found = on_call({"who": "Dr. Chen", "times": ["17:00-08:00"]})
    before = datetime(2026, 11, 1, 1, 30, tzinfo=BOSTON, fold=0)
    after = datetime(2026, 11, 1, 1, 30, tzinfo=BOSTON, fold=1)
    assert [len(found.at(each, BOSTON)) for each in (before, after)] == [1, 1]


def test_who_is_known_by_number() -> None:
    found = on_call()
    contact = found.contact_at("+16175550182")
    assert contact
    assert (contact.name, contact.channels) == ("Nurse Rivera", (Channel.EMAIL,))
    assert found.contact_at("") is None


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ({"name": "X"}, "contacts[0].email: an address is needed"),
        ({"name": "X", "phone": "617-555-0100"}, "contacts[0].phone: a number such as"),
        ({"name": "X", "email": "not an address"}, "contacts[0].email: an address such as"),
        ({"name": "X", "email": "x@example.org", "channels": ["call"]}, "contacts[0].phone"),
        ({**CHEN, "channels": ["pigeon"]}, "contacts[0].channels: 'pigeon' is none of text, call, email"),
        ({**CHEN, "mail": "x"}, "contacts[0].mail: not known here"),
    ],
)
def test_a_wrong_contact_is_named(contact: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        on_call(contacts=(contact,))
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        ({"who": "Nobody"}, "on_call[0].who: 'Nobody' is none of Dr. Chen, Nurse Rivera"),
        ({"who": "Dr. Chen", "times": ["5pm-8am"]}, 'on_call[0].times: times such as "17:00-08:00"'),
        ({"who": "Dr. Chen", "times": ["08:00-08:00"]}, "on_call[0].times"),
        ({"who": "Dr. Chen", "weekdays": ["funday"]}, "on_call[0].weekdays"),
        ({"who": "Dr. Chen", "dates": ["2026-12-25"]}, "on_call[0].dates: a list of dates"),
        ({"who": "Dr. Chen", "order": 0}, "on_call[0].order"),
        ({"who": "Dr. Chen", "takes": "some"}, "on_call[0].takes: 'some' is none of urgent, any"),
    ],
)
def test_a_wrong_shift_is_named(shift: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        on_call(shift)
    assert told in str(refusal.value)


def test_two_contacts_do_not_share_a_telephone() -> None:
    with pytest.raises(SettingsError, match="a phone of their own"):
        on_call(contacts=(CHEN, {**RIVERA, "phone": CHEN["phone"]}))


def test_a_practice_knows_at_any_hour_who_takes_what() -> None:
    night = datetime(2026, 11, 24, 22, 0, tzinfo=BOSTON)
    practice = load_practice()
    urgent = replace(practice, on_call=on_call({"who": "Dr. Chen"}))
    anything = replace(practice, on_call=on_call({"who": "Dr. Chen", "takes": "any"}))
    bare = replace(practice, on_call=OnCall())
    found = [
        (f.staff_available, f.urgent_available) for f in (p.facts(night) for p in (bare, urgent, anything))
    ]
    assert found == [(False, False), (False, True), (True, True)]
