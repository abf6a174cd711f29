"""Codes by text: to whom, how long, how often; and that only a hash of them is kept."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from backends.embedded import EmbeddedBackends
from models.audit import entries_about
from models.contact_tables import OneTimeCode, TextMessage
from models.domain import (
    CheckCode,
    CodeNotSent,
    CodeRefused,
    CodeSent,
    IdentityLevel,
    IdentityVerified,
    SendCode,
)
from models.texts import choose_texts
from tests.backends.conftest import TestClock

MARIA, DOROTHY = "pt-1001", "pt-1012"
HERS, ANOTHER = "+16175550123", "+16175550199"


async def texts(backends: EmbeddedBackends) -> list[TextMessage]:
    return await backends.chart.storage.read(lambda s: list(s.exec(select(TextMessage)).all()))


async def send(backends: EmbeddedBackends, patient: str = MARIA, action: str = "a1", call: str = "C1") -> str:
    """The code that was texted, "" when none was."""
    answer = await backends.directory.send_code(SendCode(action, patient), call_id=call)
    if isinstance(answer, CodeNotSent):
        return ""
    assert answer == CodeSent()
    return str(re.findall(r"\b\d{6}\b", (await texts(backends))[-1].body)[0])


async def check(backends: EmbeddedBackends, code: str, action: str = "b1", call: str = "C1") -> object:
    wish = CheckCode(action, MARIA, code)
    return await backends.directory.check_code(wish, caller_number=ANOTHER, call_id=call)


def wrong(code: str) -> str:
    return str(int(code) % 899_999 + 100_000)


async def test_the_right_code_opens_more_of_the_chart(backends: EmbeddedBackends) -> None:
    code = await send(backends)
    assert await check(backends, code) == IdentityVerified(MARIA, IdentityLevel.L2)
    directory = backends.directory
    view = await directory.view(MARIA, IdentityLevel.L2)
    assert view.may_be_read_out
    assert view.last_visit is not None
    below = await directory.view(MARIA, IdentityLevel.L1)
    assert (below.may_be_read_out, below.last_visit) == (False, None)


async def test_the_text_goes_to_the_number_on_file_and_tells_nothing(backends: EmbeddedBackends) -> None:
    code = await send(backends)
    (text,) = await texts(backends)
    assert (text.to_number, text.purpose) == (HERS, "code")
    assert text.body.startswith("Harbor Street Family Medicine: your code is")
    for word in ("Maria", "Lopez", "patient", "lisinopril", "medicine list"):
        assert word not in text.body
    row = await backends.chart.storage.read(lambda s: s.get(OneTimeCode, "C1"))
    assert row is not None
    assert code not in row.code_hash


async def test_a_code_is_good_once(backends: EmbeddedBackends) -> None:
    code = await send(backends)
    await check(backends, code)
    assert isinstance(await check(backends, code), IdentityVerified), "the same action, done again"
    assert await check(backends, code, action="b2") == CodeRefused(more=False)


async def test_a_code_is_good_for_ten_minutes(backends: EmbeddedBackends, clock: TestClock) -> None:
    code = await send(backends)
    clock.move(minutes=10)
    assert await check(backends, code) == CodeRefused(more=True)


async def test_three_tries(backends: EmbeddedBackends) -> None:
    code = await send(backends)
    tries = [await check(backends, wrong(code), action=f"b{n}") for n in range(3)]
    assert tries == [CodeRefused(True), CodeRefused(True), CodeRefused(False)]
    assert await check(backends, code, action="b9") == CodeRefused(more=False)
    assert await send(backends, action="a2") == "", "nor another code after them"


async def test_a_code_is_of_its_call_and_its_patient_only(backends: EmbeddedBackends) -> None:
    code = await send(backends)
    assert isinstance(await check(backends, code, call="C2"), CodeRefused)
    wish = CheckCode("b1", "pt-1002", code)
    other = await backends.directory.check_code(wish, caller_number=HERS, call_id="C1")
    assert isinstance(other, CodeRefused)


async def test_sent_once_more_and_the_first_is_worthless(backends: EmbeddedBackends) -> None:
    first = await send(backends)
    assert await send(backends) == first, "the same action sends nothing new"
    assert len(await texts(backends)) == 1
    second = await send(backends, action="a2")
    assert await send(backends, action="a3") == ""
    if first != second:
        assert await check(backends, first) == CodeRefused(more=True)
    assert isinstance(await check(backends, second, action="b2"), IdentityVerified)


async def test_no_more_than_five_codes_a_day_to_one_number(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    for number in range(5):
        assert await send(backends, call=f"C{number}")
    assert await send(backends, call="C9") == ""
    clock.move(hours=25)
    assert await send(backends, call="C10")


async def test_nobody_is_texted_who_has_no_mobile_or_wants_no_texts(backends: EmbeddedBackends) -> None:
    assert await send(backends, DOROTHY) == ""
    storage, now = backends.chart.storage, backends.clock()
    await storage.write(lambda s: choose_texts(s, HERS, stopped=True, at=now))
    assert await send(backends, action="a2") == ""


@pytest.mark.parametrize("telecom", [{"use": "home"}, {"use": "old"}, {"use": "mobile", "system": "email"}])
async def test_only_a_mobile_number_in_use(backends: EmbeddedBackends, telecom: dict[str, str]) -> None:
    chart = backends.chart
    patient = (await chart.read("Patient", MARIA)).body
    patient["telecom"] = [{"system": "phone", "value": HERS} | telecom]
    await chart.update(patient, MARIA)
    assert await send(backends) == ""


async def test_wrong_codes_count_against_the_number(backends: EmbeddedBackends) -> None:
    for call in ("C1", "C2"):
        code = await send(backends, call=call)
        for number in range(3):
            await check(backends, wrong(code), action=f"b{number}", call=call)
    assert await backends.directory.locked(ANOTHER)
    assert not await backends.directory.locked(HERS)
    entries = await backends.chart.storage.read(lambda s: entries_about(s, "call/C1"))
    assert [entry.action for entry in entries] == ["code-sent", *["code-refused"] * 3]
