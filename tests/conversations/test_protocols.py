"""What patients are asked is signed by a clinician: who, what it covers, and from which call on it counts."""

from __future__ import annotations

import html
import json
from typing import Any

from sqlmodel import Session, select

from agent.practice_settings import PracticeDesk
from agent.preparing import protocol_book
from models.tables import AuditEntry, Setting
from tests.conversations.conftest import Line
from tests.conversations.settings_console import Console, console_of
from tests.conversations.test_checkins import HELEN, due

NAME = "heart-failure"


def with_real_patients(line: Line) -> None:
    """As with a practice's own file: only what is signed runs."""
    line.services.protocols.live = True
    line.services.protocols.read_again()


def test_one_that_cannot_be_read_is_asked_of_nobody_and_takes_no_other_along(line: Line) -> None:
    storage, protocols, others = line.services.storage, line.services.protocols, running(line)
    at = line.services.clock()
    keys = (f"protocol/{NAME}", "signature/another")
    rows = [Setting(key=key, version=1, body={"document": []}, at=at, who="ada") for key in keys]
    storage.write_now(lambda session: session.add_all(rows))
    assert storage.read_now(protocols.take_up)
    assert running(line) == [name for name in others if name != NAME]


async def test_one_that_cannot_be_read_can_be_taken_again(line: Line) -> None:
    document = line.services.protocols.protocols[NAME].document
    row = Setting(
        key=f"protocol/{NAME}", version=1, body={"document": []}, at=line.services.clock(), who="ada"
    )
    await line.services.storage.write(lambda session: session.add(row))
    await line.services.refresh_practice()
    assert NAME in line.services.protocols.unreadable
    async with console_of(line.services) as console:
        again = await console.client.post("/protocols", data={"document": json.dumps(dict(document))})
        assert again.status_code == 303, again.text
    assert NAME not in line.services.protocols.unreadable
    assert NAME in running(line)


def running(line: Line) -> list[str]:
    return [one.name for one in line.services.questionnaires()]


async def fields(console: Console, action: str) -> dict[str, str]:
    page = (await console.client.get(f"/protocols/{NAME}")).text
    form = page.partition(f'action="/protocols/{NAME}{action}"')[2].partition("</form>")[0]
    found = {}
    for part in form.split("<input ")[1:]:
        name, _, rest = part.partition('name="')[2].partition('"')
        found[name] = rest.partition('value="')[2].partition('"')[0]
    if "<textarea" in form:
        found["document"] = html.unescape(
            form.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
        )
    return found


async def signs(console: Console, **other: str) -> int:
    form = await fields(console, "/sign") | {"full_name": "Ann Lee, MD", "read": "yes"} | other
    return (await console.client.post(f"/protocols/{NAME}/sign", data=form)).status_code


async def takes(console: Console, **changes: Any) -> Any:
    form = await fields(console, "")
    document = json.loads(form["document"]) | changes
    return await console.client.post(f"/protocols/{NAME}", data=form | {"document": json.dumps(document)})


async def test_nobody_is_asked_before_a_clinician_has_signed_and_everybody_afterwards(line: Line) -> None:
    with_real_patients(line)
    assert running(line) == []
    before = await due(line, HELEN, "I'm calling back about my weight check")
    assert "short of breath right now" not in before.heard[-1]
    async with console_of(line.services, "ann", "prescriber") as ann:
        assert await signs(ann) == 303
        page = (await ann.client.get(f"/protocols/{NAME}")).text
        assert "Ann Lee, MD, Prescriber, 2026-11-24" in page
    assert running(line) == [NAME]
    after = await due(line, HELEN, "I'm calling back about my weight check")
    assert "short of breath right now" in after.heard[-1]


async def test_who_is_no_clinician_cannot_sign(line: Line) -> None:
    with_real_patients(line)
    for name, role in (("ada", "admin"), ("cora", "coordinator"), ("flo", "front_desk")):
        async with console_of(line.services, name, role) as console:
            form = {"digest": line.services.protocols.protocols[NAME].digest, "based_on": "0", "read": "yes"}
            answer = await console.client.post(f"/protocols/{NAME}/sign", data=form | {"full_name": "Dr. No"})
            assert answer.status_code == 403
    assert running(line) == []


async def test_a_changed_word_ends_the_signature_and_the_next_version_is_signed_by_itself(line: Line) -> None:
    with_real_patients(line)
    async with console_of(line.services, "ann", "prescriber") as ann:
        await signs(ann)
        old = await fields(ann, "/sign")
        refused = await takes(ann, title="Weight check at home")
        assert refused.status_code == 422
        assert "give it a version of its own" in refused.text
        assert (await takes(ann, title="Weight check at home", version="2.0.0")).status_code == 303
        assert running(line) == []
        assert await signs(ann, digest=old["digest"]) == 409  # what they read is not what stands there
        assert await signs(ann) == 303
        assert running(line) == [NAME]
        page = (await ann.client.get(f"/protocols/{NAME}")).text
        assert "Weight check at home" in page
        assert "Version 2.0.0 signed: Ann Lee, MD, Prescriber" in page


async def test_a_signature_wants_a_name_and_that_it_was_read(line: Line) -> None:
    with_real_patients(line)
    async with console_of(line.services, "ann", "nurse") as ann:
        assert await signs(ann, read="") == 422
        assert await signs(ann, full_name="  ") == 422
        assert running(line) == []


async def test_a_signature_is_taken_back_for_the_next_call_and_everything_is_audited(line: Line) -> None:
    with_real_patients(line)
    async with console_of(line.services, "ann", "prescriber") as ann:
        await signs(ann)
        running_call = await due(line, HELEN, "I'm calling back about my weight check")
        form = await fields(ann, "/withdraw") | {"why": "limits under review"}
        assert (await ann.client.post(f"/protocols/{NAME}/withdraw", data=form)).status_code == 303
        assert running(line) == []
        assert await running_call.says("no")  # the call that has begun is asked to its end
        assert "limits under review" in (await ann.client.get(f"/protocols/{NAME}")).text

    def work(session: Session) -> list[str]:
        return [
            row.action for row in session.exec(select(AuditEntry)).all() if row.action.startswith("protocol")
        ]

    assert await line.services.storage.read(work) == ["protocol signed", "protocol signature taken back"]


async def test_what_is_no_questionnaire_or_breaks_the_wording_rules_is_not_taken(line: Line) -> None:
    async with console_of(line.services, "ann", "nurse") as ann:
        form = await fields(ann, "")
        for document, why in (
            ("{", "not JSON"),
            ("[]", "One Questionnaire is needed"),
            ("{}", "not a FHIR Questionnaire"),
        ):
            refused = await ann.client.post(f"/protocols/{NAME}", data=form | {"document": document})
            assert refused.status_code == 422
            assert why in refused.text
        document = json.loads(form["document"])
        document["item"][0]["text"] = "You should rest. Are you short of breath?"
        refused = await takes(ann, item=document["item"], version="2.0.0")
        assert refused.status_code == 422
        assert "gives advice" in refused.text


async def test_another_process_asks_what_was_signed_here(line: Line) -> None:
    with_real_patients(line)
    async with console_of(line.services, "ann", "prescriber") as ann:
        await signs(ann)
    other = protocol_book(line.services.settings, line.services.storage)
    assert other.protocols[NAME].questionnaire.signed_by == "Ann Lee, MD, Prescriber"


async def test_only_a_clinician_takes_a_danger_phrase_away(line: Line) -> None:
    assert PracticeDesk(line.services).signs
    async with (
        console_of(line.services, "ada", "admin") as ada,
        console_of(line.services, "ann", "admin nurse") as ann,
    ):
        added = await ada.changes("wording", danger_phrases__RF03="lost my bellows")
        assert added.status_code == 303, added.text
        assert [one.phrase for one in line.services.practice.danger_phrases] == ["lost my bellows"]
        common = await ada.changes("wording", danger_phrases__RF03="lost my bellows\nthe")
        assert common.status_code == 422
        refused = await ada.changes("wording", danger_phrases__RF03="")
        assert refused.status_code == 422
        assert "Only a clinician" in refused.text
        assert (await ann.changes("wording", danger_phrases__RF03="")).status_code == 303
        assert line.services.practice.danger_phrases == ()
