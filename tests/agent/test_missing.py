"""What staff get of a call whose record lacks something."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.kept import KeptDeed, KeptHeard, KeptTurn
from agent.missing import GAP, Missing
from models.domain import Action, HangUp, OpenTask, PageStaff, Priority, TaskKind, TaskOpened, TurnRecord

NOW = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
CALL = "CA1"
PAGE = PageStaff("CA1-3", "i have chest pain", "chest-pain")
TASK = OpenTask("CA1-4", TaskKind.ROUTINE_MESSAGE, Priority.ROUTINE, "please call me")


def turn(
    number: int, said: str = "", *orders: Action, epoch: int = 1, keys: str = "", agent: str = "yes"
) -> KeptTurn:
    return KeptTurn(TurnRecord(number, NOW, said, agent, keys=keys), None, {}, orders, epoch)


def summaries(missing: Missing) -> list[str]:
    return [order.summary for order in missing.orders(CALL) if isinstance(order, OpenTask)]


def test_of_a_call_of_which_nothing_is_known_somebody_is_to_call_back() -> None:
    missing = Missing()
    missing.add(CALL)
    assert CALL in missing
    assert summaries(missing) == [GAP]


def test_what_was_said_and_answered_stands_in_one_task_in_its_order() -> None:
    missing = Missing()
    missing.add(CALL, turn(5, keys="0", agent="A person."), KeptHeard(5, "A", None, 1))
    missing.add(CALL, turn(4, "a refill", agent="Of what?"))
    (text,) = summaries(missing)
    assert text.index("“a refill” We said: “Of what?”") < text.index("“0” We said: “A person.”")


def test_what_a_turn_had_ordered_of_staff_comes_first_and_once_and_nothing_else_of_it() -> None:
    missing = Missing()
    missing.add(CALL, turn(3, "i have chest pain", PAGE, HangUp("CA1-9")), turn(4, "call me", PAGE, TASK))
    assert missing.orders(CALL)[:2] == [PAGE, TASK]
    assert len(missing.orders(CALL)) == 3


def test_a_turn_in_which_nobody_spoke_is_missed_by_nobody() -> None:
    missing = Missing()
    missing.add(CALL, turn(3, agent="I didn't hear an answer."))
    assert missing.orders(CALL) == []


def test_a_turn_of_a_caller_who_wants_nothing_written_down_is_a_call_back_without_words() -> None:
    missing = Missing()
    missing.add(CALL, turn(3, agent=""))
    assert summaries(missing) == [GAP]


def test_what_was_told_is_known_and_what_comes_later_is_a_task_of_its_own() -> None:
    missing, first, deed = Missing(), turn(3, "a refill"), KeptDeed(3, TASK, TaskOpened("StaffTask/1"))
    missing.add(CALL, first, deed)
    (before,) = missing.orders(CALL)
    missing.told(CALL)
    assert CALL not in missing
    assert missing.was_told(CALL, [first, deed])
    assert not missing.was_told(CALL, [first, turn(3, "a visit", epoch=2)])
    missing.add(CALL, turn(7, "a visit"))
    (after,) = missing.orders(CALL)
    assert before.action_id != after.action_id
