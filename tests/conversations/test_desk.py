"""A front desk's small business, by the whole stack: what is asked, what is left for staff, what is kept."""

from __future__ import annotations

from ehr_writeback.note import write_checked_note
from models.domain import OpenTask, RateCall, StopTranscript, TaskKind
from models.tables import Call as CallRow
from tests.conversations.conftest import MARIA, STRANGER, KeyboardCall, Line


async def tasks(call: KeyboardCall) -> list[OpenTask]:
    record = await call.hangs_up()
    return [done.action for done in record.done if isinstance(done.action, OpenTask)]


async def test_a_stranger_learns_what_anybody_may_know(line: Line) -> None:
    call = await line.call(STRANGER)
    assert "free lot behind the building" in await call.says("do you have parking")
    assert "for Thanksgiving." in await call.says("are you open on thanksgiving")
    assert "oh one oh nine" in await call.says("what is your fax number")
    assert "photo ID" in await call.says("what should I bring to my first visit")
    assert await tasks(call) == []


async def test_what_is_not_written_down_is_passed_on(line: Line) -> None:
    call = await line.call(STRANGER)
    reply = await call.says("do you have a gym in the building")
    assert "I don't have that here. I'll pass this on" in reply
    await call.says("yes")
    [task] = await tasks(call)
    assert (task.kind, task.callback_number) == (TaskKind.ROUTINE_MESSAGE, STRANGER)


async def test_results_billing_and_records_reach_the_desk(line: Line) -> None:
    call = await line.call(STRANGER)
    assert "I can't give results on this call" in await call.says("what were my test results")
    await call.all_of("my blood test from Monday", "yes")
    await call.says("I have a question about my bill from March")
    await call.says("yes")
    assert "Where should the papers go?" in await call.says("I need my medical records for a new doctor")
    await call.all_of("Doctor Smith in Salem", "next Friday", "yes")
    kinds = [task.kind for task in await tasks(call)]
    assert kinds == [TaskKind.ROUTINE_MESSAGE, TaskKind.BILLING_QUESTION, TaskKind.RECORDS_REQUEST]


async def test_nothing_is_written_down_from_when_the_caller_says_so(line: Line) -> None:
    call = await line.call(MARIA)
    await call.says("do you have parking")
    reply = await call.says("please keep this off the record")
    assert "From here on I keep only what is done, not our words." in reply
    await call.says("I want to leave a message, please tell doctor chen my knee is fine")
    await call.says("yes")
    record = await call.hangs_up()
    spoken = {turn.number: (turn.caller_text, turn.agent_text) for turn in record.turns}
    assert spoken[1][0] == "do you have parking"
    assert all(words == ("", "") for number, words in spoken.items() if number > 1)
    assert any(isinstance(done.action, StopTranscript) for done in record.done)
    [task] = [done.action for done in record.done if isinstance(done.action, OpenTask)]
    assert "knee is fine" in task.summary, "the task is what the caller asked for"
    state = await line.services.storage.read(lambda session: session.get(CallRow, record.call_id))
    assert state is not None
    assert "knee" not in str(state.state)
    assert "knee" not in record.reason
    note = write_checked_note(record)
    assert note.faults == ()
    assert f"- {task.kind.value}, {task.priority.value}, " in note.text
    assert "words not kept, as the caller asked" in note.text


async def test_a_score_stands_with_the_call(line: Line) -> None:
    call = await line.call(STRANGER)
    await call.says("do you have parking")
    assert "from 1 to 5" in await call.says("no thank you")
    await call.says("five")
    record = await call.hangs_up()
    assert [done.action.score for done in record.done if isinstance(done.action, RateCall)] == [5]
    row = await line.services.storage.read(lambda session: session.get(CallRow, record.call_id))
    assert row is not None
    assert row.satisfaction == 5


async def test_a_low_score_is_a_complaint(line: Line) -> None:
    call = await line.call(STRANGER)
    await call.all_of("do you have parking", "no", "one")
    [task] = await tasks(call)
    assert task.kind is TaskKind.COMPLAINT
