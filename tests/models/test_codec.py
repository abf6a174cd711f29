from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import domain
from models.codec import CodecError, from_json, to_json

INSTANTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))  # UTC repeats no hour
TIMES = st.times().map(lambda at: at.replace(fold=0))  # an opening hour is of no day
INTEGERS = st.integers(-(2**63), 2**63 - 1)  # what JSON columns hold
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def strategy(hint: Any) -> st.SearchStrategy[Any]:
    """A Hypothesis strategy from a type hint, read independently of the codec."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([strategy(arg) for arg in args])
    if origin is tuple and args[-1] is Ellipsis:
        return st.lists(strategy(args[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[strategy(arg) for arg in args])
    if origin is not None:
        return st.dictionaries(st.text(max_size=5), strategy(args[1]), max_size=2)
    if is_dataclass(hint) and isinstance(hint, type):
        return value_of(hint)
    simple = {datetime: INSTANTS, date: st.dates(), float: FLOATS, int: INTEGERS, type(None): st.none()}
    simple[time] = TIMES
    return simple[hint] if hint in simple else st.from_type(hint)


@cache
def value_of(cls: type) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    return st.deferred(lambda: st.builds(cls, **{f.name: strategy(hints[f.name]) for f in fields(cls)}))


STORED = (
    *typing.get_args(domain.Action),
    *typing.get_args(domain.Result),
    *typing.get_args(domain.Event),
    domain.Expectation,
    domain.Understanding,
    domain.CallRecord,
    domain.Utterance,
    domain.Context,
)
ANY_VALUE = st.sampled_from(STORED).flatmap(value_of)


def test_every_type_that_is_stored_is_tested() -> None:
    assert len(STORED) >= 11 + 12 + 9 + 5


@settings(max_examples=250)
@given(value=ANY_VALUE)
def test_a_value_comes_back_exactly(value: Any) -> None:
    restored = from_json(orjson.loads(orjson.dumps(to_json(value))))
    assert type(restored) is type(value)
    assert restored == value
    assert repr(restored) == repr(value)  # 1, 1.0 and True are equal, but not the same


def test_the_tag_stands_first_and_names_the_type() -> None:
    data = to_json(domain.Outcome("a1", domain.OpeningsFound(())))
    assert data == {
        "type": "Outcome",
        "action_id": "a1",
        "result": {"type": "OpeningsFound", "openings": []},
    }


def test_a_local_instant_rests_in_utc() -> None:
    local = datetime(2026, 3, 8, 9, 0, tzinfo=timezone(timedelta(hours=-5)))
    visit = domain.BookedVisit("a", "p", "Doctor Chen", local, 20, "follow-up")
    assert to_json(visit)["start"] == "2026-03-08T14:00:00+00:00"
    assert from_json(to_json(visit)).start == local


def test_an_instant_without_zone_is_refused() -> None:
    opening = domain.Opening("o", "p", "Doctor Chen", datetime(2026, 1, 1), 20)
    with pytest.raises(CodecError, match="time zone"):
        to_json(opening)


def test_older_and_newer_rows_stay_readable() -> None:
    data = {"type": "FindOpenings", "action_id": "a", "visit_type": "follow-up", "from_a_later_version": 1}
    assert from_json(data) == domain.FindOpenings("a", "follow-up")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"type": "Nothing"},
        {"type": "datetime"},
        {"type": 3},
        {"type": "Protocol"},
        {"type": "HangUp"},
        {"type": "Keys", "digits": 5},
        {"type": "Heard", "understanding": {"type": "Keys", "digits": "5"}},
        {"type": "Outcome", "action_id": "a", "result": {"type": "HangUp", "action_id": "b"}},
        {"type": "OpeningsFound", "openings": {"a": 1}},
        {"type": "OpeningsFound", "openings": [None]},
        {"type": "IdentityVerified", "patient_id": "p", "level": "L9"},
        {"type": "VerifyIdentity", "action_id": "a", "names": [], "dob": "1981-02-30"},
        {"type": "Entity", "value": "x", "span": [1, 2, 3], "certainty": 1.0},
        {"type": "Understanding", "transcript": {"type": "Transcript", "text": ""}, "entities": []},
    ],
)
def test_damaged_data_is_refused_by_name(data: dict[str, Any]) -> None:
    with pytest.raises(CodecError):
        from_json(data)


def test_only_domain_values_are_stored() -> None:
    with pytest.raises(CodecError):
        to_json(object())
    with pytest.raises(CodecError):
        to_json(domain.Keys)
