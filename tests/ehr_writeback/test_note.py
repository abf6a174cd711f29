from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ehr_writeback import WritebackConfig, note_text, write_note
from ehr_writeback import note as note_module
from ehr_writeback.checker import unsupported
from ehr_writeback.note import NOT_DISCUSSED
from ehr_writeback.note_form import structured
from ehr_writeback.titles import TITLE
from models.domain import (
    CallRecord,
    DoneAction,
    IdentityRefused,
    OpenTask,
    PageStaff,
    Priority,
    RedFlagRaised,
    RequestRefill,
    TaskKind,
    TaskOpened,
    TurnRecord,
    VerifyIdentity,
)
from tests.ehr_writeback.records import (
    BOOKING,
    ENDED,
    GREETING,
    LINKED,
    RED_FLAG,
    REFILL,
    UNKNOWN_CALLER,
    turn,
)

PHARMACY = "Main Street Pharmacy"


def section(note: str, title: str) -> list[str]:
    lines = note.split(f"\n{title}\n", 1)[1].splitlines()
    return lines[: lines.index("")] if "" in lines else lines


def test_a_refill_reads_as_it_happened() -> None:
    note = write_note(REFILL)
    assert note.startswith(f"{TITLE}\nCall: CA-refill\nStarted: 2026-11-22 09:01:10 EST (UTC-05:00)\n")
    assert "Caller number: ending 0123" in note
    assert "6175550" not in note
    assert section(note, "REASON FOR CALL (caller's words)") == ['- "I need my lisinopril refilled" [t1]']
    assert section(note, "DONE") == [
        '- Refill requested: "my lisinopril", order m9, pharmacy Main Street Pharmacy, new problems or side'
        " effects: no, protocol result NEEDS_REVIEW, MedicationRequest/prop-1 [t3]",
        "  - rule last-visit not passed (400 days ago, limit 365) [t3]",
        "  - rule labs not known [t3]",
    ]
    assert section(note, "TASKS FOR STAFF") == ["- refill, Task/t-1 [t3]"]
    assert section(note, "TOLD TO CALLER") == ['- "I\'ve sent this to the care team." [t3]']
    assert section(note, "SYMPTOMS PRESENT (caller's words)") == [NOT_DISCUSSED]
    assert section(note, "TRANSCRIPT") == ["- turns 0 to 3 of call CA-refill, kept by Firstring"]


def test_a_booking_is_told_in_practice_time_and_a_lost_opening_is_not_hidden() -> None:
    note = write_note(BOOKING)
    assert section(note, "DONE") == [
        "- Visit booked: follow-up with Doctor Chen, 2026-12-01 14:20 EST, 20 minutes, Appointment/ap-1 [t4]"
    ]
    assert section(note, "NOT DONE") == [
        "- Hold of an opening: the opening was taken by another booking [t3]"
    ]


def test_a_red_flag_has_its_time_the_wording_delivered_the_reply_and_the_page() -> None:
    note = write_note(RED_FLAG)
    assert section(note, "RED FLAGS") == [
        '- RF01, emergency, 2026-11-22 09:01:50 EST (UTC-05:00), caller: "I have chest pain" [t2]',
        '- Wording delivered: "Please hang up and call 911 now." [t2]',
        '- Caller\'s reply: "OK I will" [t3]',
        "- Staff paged: Communication/page-1 [t2]",
    ]
    assert section(note, "SYMPTOMS PRESENT (caller's words)") == ['- "chest pain" [t2]']
    assert section(note, "NOT DONE") == ["- Task for staff: failed, code storage [t2]"]


def test_wording_delivered_is_what_was_played_not_what_was_meant() -> None:
    cut = replace(RED_FLAG.turns[2], heard_to="Please hang up")
    note = write_note(replace(RED_FLAG, turns=(*RED_FLAG.turns[:2], cut, RED_FLAG.turns[3])))
    assert '- Wording delivered: "Please hang up" [t2]' in note


def test_a_withheld_number_and_an_unknown_zone_cost_nothing() -> None:
    note = write_note(replace(UNKNOWN_CALLER, practice_timezone="Mars/Olympus"))
    assert "Caller number: withheld" in note
    assert "Started: 2026-11-22 14:01:10 UTC (UTC+00:00)" in note
    assert "Identity: level L0 (not identified), attempts: 1" in note


def test_a_call_without_a_word_still_has_a_note() -> None:
    silent = replace(UNKNOWN_CALLER, turns=(), reason="", disclosures=(), models={})
    note = write_note(silent)
    assert section(note, "REASON FOR CALL (caller's words)") == [NOT_DISCUSSED]
    assert unsupported(note, silent) == ()


@pytest.mark.parametrize("record", [*LINKED, UNKNOWN_CALLER], ids=lambda record: record.call_id)
def test_every_line_of_the_call_names_its_turn_and_has_a_source(record: CallRecord) -> None:
    note = write_note(record)
    assert unsupported(note, record) == ()
    for title in ("REASON FOR CALL (caller's words)", "DONE", "RED FLAGS", "TASKS FOR STAFF", "NOT DONE"):
        for line in section(note, title):
            assert line == NOT_DISCUSSED or line.endswith("]"), line


@pytest.mark.parametrize(
    "line",
    [
        "- takes 20 mg daily",
        "- takes twenty milligrams [t1]",
        "- Patient reports since 2026-11-20 [t3]",
        "- also takes metformin [t1]",
        '- "my lisinopril" [t9]',
        "- called from 6175550123",
        "- takes lisinopril since March [t1]",
        '- "I need my metformin refilled" [t1]',
        "The patient sounds worried.",
    ],
)
@pytest.mark.parametrize("title", ["DONE", "MEDICINES NAMED BY CALLER", "SYMPTOMS DENIED", "NOT DONE"])
def test_a_line_that_nothing_bears_out_is_found(line: str, title: str) -> None:
    note = write_note(REFILL).replace(f"\n{title}\n", f"\n{title}\n{line}\n")
    assert [fault.line for fault in unsupported(note, REFILL)] == [line]


@pytest.mark.parametrize(
    "wrong", ["2026-11-22 09:05:62 EST", "2026-11-31 09:05:42 EST", "2026-11-22 25:05:42 EST"]
)
def test_an_instant_that_there_is_not_is_refused_like_any_other(wrong: str) -> None:
    note = write_note(REFILL).replace("2026-11-22 09:05:42 EST", wrong)
    assert [fault.line for fault in unsupported(note, REFILL)] == [f"Ended: {wrong} (UTC-05:00)"]


def test_an_answer_that_we_had_not_understood_reports_no_symptom() -> None:
    asked = "Do you have chest pain or trouble breathing right now?"
    again = "Sorry, I didn't catch that. Chest pain, or trouble breathing: yes or no?"
    turns = (turn(0, "", asked), turn(1, "anything like that", again), turn(2, "neither", "Thank you."))
    record = replace(REFILL, turns=turns, done=(), reason="", symptoms_denied=("chest pain",))
    assert unsupported(write_note(record), record) == ()
    wrong = replace(record, symptoms_denied=(), symptoms_present=("chest pain",))
    (fault,) = unsupported(write_note(wrong), wrong)
    assert fault.grave


@pytest.mark.parametrize(("age", "holds"), [(14, True), (41, False)])
def test_the_age_of_who_called_alone_is_that_of_the_birth_date_they_told(age: int, holds: bool) -> None:
    told = DoneAction(2, VerifyIdentity("a1", ("Ethan Brooks",), date(2012, 5, 20)), IdentityRefused())
    wish = OpenTask(
        "a2", TaskKind.PROXY_AUTHORIZATION_NEEDED, Priority.ROUTINE, f"Patient of {age} called alone."
    )
    record = replace(REFILL, done=(told, DoneAction(3, wish, TaskOpened("Task/t-7"))))
    assert (unsupported(write_note(record), record) == ()) is holds


def test_a_sum_up_of_the_dialog_is_no_source_for_itself() -> None:
    invented = replace(REFILL, symptoms_present=("fever of 104",))
    (fault,) = unsupported(write_note(invented), invented)
    assert fault.line == '- "fever of 104" [turn not recorded]'
    assert fault.grave


def test_what_is_refused_is_withheld_and_the_rest_of_the_note_stands() -> None:
    invented = replace(REFILL, symptoms_present=("fever of 104",))
    text = note_text(invented, WritebackConfig())
    assert section(text, "SYMPTOMS PRESENT (caller's words)") == ["- 1 line withheld: no source on the call"]
    assert "104" not in text
    assert section(text, "DONE") == section(write_note(REFILL), "DONE")
    assert unsupported(text, invented) == ()


def test_a_danger_sign_told_by_an_answer_is_quoted_as_question_and_answer() -> None:
    asked, quote = "Have you fainted?", "Have you fainted? yes I did"
    turns = (turn(0, "", asked), turn(1, "yes I did", "Please hang up and call 911 now."))
    flag = RedFlagRaised("RF06", "emergency", quote)
    record = replace(RED_FLAG, turns=turns, done=(), red_flags=(flag,), symptoms_present=(quote,))
    record = replace(record, reason=quote, symptoms_denied=())
    note = write_note(record)
    told = 'asked: "Have you fainted?" [t0], caller: "yes I did" [t1]'
    assert section(note, "SYMPTOMS PRESENT (caller's words)") == [f"- {told}"]
    assert section(note, "RED FLAGS")[0].endswith(f"(UTC-05:00), {told}")
    assert unsupported(note, record) == ()


def test_a_relatives_symptom_is_marked_as_theirs() -> None:
    turns = (REFILL.turns[0], turn(1, "my mother has a cough", "May I have your name?"))
    record = replace(REFILL, turns=turns, done=(), reason="", symptoms_present=("my mother has a cough",))
    told = section(write_note(record), "SYMPTOMS PRESENT (caller's words)")
    assert told == ['- about another person: "my mother has a cough" [t1]']
    mine = write_note(record).replace("about another person: ", "")
    assert [fault.line for fault in unsupported(mine, record)] == ['- "my mother has a cough" [t1]']


@pytest.mark.parametrize(
    ("section_title", "said", "quoted"),
    [
        ("symptoms_present", "I have no cough", "cough"),
        ("symptoms_present", "no chest pain, dizziness or fever", "dizziness"),
        ("symptoms_present", "what if I get chest pain", "chest pain"),
        ("symptoms_denied", "I have a cough but no fever", "I have a cough"),
    ],
)
def test_a_symptom_is_not_turned_into_its_opposite(section_title: str, said: str, quoted: str) -> None:
    turns = (REFILL.turns[0], turn(1, said, "May I have your name?"))
    claims: dict[str, tuple[str, ...]] = {section_title: (quoted,)}
    record = replace(REFILL, turns=turns, done=(), reason=said, **claims)  # type: ignore[arg-type]
    assert [fault.line for fault in unsupported(write_note(record), record)] == [f'- "{quoted}" [t1]']


def test_quotes_stay_on_one_line_and_are_not_endless() -> None:
    rambling = TurnRecord(1, ENDED, 'he said "stop"\nand then ' + "so " * 400, "I see.")
    note = write_note(
        replace(REFILL, turns=(REFILL.turns[0], rambling), reason=rambling.caller_text, done=())
    )
    (line,) = section(note, "REASON FOR CALL (caller's words)")
    assert line.startswith("- \"he said 'stop' and then so so")
    assert len(line) < 540


@pytest.mark.parametrize("record", [*LINKED, UNKNOWN_CALLER], ids=lambda record: record.call_id)
def test_the_note_as_data_has_every_line_with_its_turns(record: CallRecord) -> None:
    note = write_note(record)
    form = structured(note)
    lines = [line for part in form["sections"] for line in part["lines"]]
    assert form["title"] == TITLE
    assert {"label": "Call", "value": record.call_id} in form["head"]
    whole = 1 + len(form["head"]) + len(form["sections"]) + len(lines)
    assert whole == len([line for line in note.splitlines() if line.strip()])
    numbers = {turn.number for turn in record.turns}
    assert all(set(line["turns"]) <= numbers for line in lines)
    told = {part["title"]: part["lines"] for part in form["sections"]}
    if record.call_id == "CA-refill":
        assert told["REASON FOR CALL (caller's words)"] == [
            {"text": '"I need my lisinopril refilled"', "turns": [1]}
        ]
        assert told["DONE"][1] == {
            "text": "rule last-visit not passed (400 days ago, limit 365)",
            "turns": [3],
            "detail": True,
        }


def test_what_was_told_on_an_earlier_call_is_said_to_be_so_and_nothing_more() -> None:
    asked = "A refill of lisinopril, at Main Street Pharmacy. Is that right?"
    cut_off = (turn(0, "", GREETING), turn(2, "go on", asked), turn(3, "yes please", "I've sent this."))
    sent = replace(REFILL.done[1], action=RequestRefill("a2", "p1", "m9", "lisinopril", PHARMACY, False))
    record = replace(REFILL, turns=cut_off, done=(sent,), reason="")
    (line, *_) = section(write_note(record), "DONE")
    assert "new problems or side effects: told on an earlier call" in line
    assert unsupported(write_note(record), record) == ()
    lie = write_note(record).replace("told on an earlier call", "no")
    assert [fault.section for fault in unsupported(lie, record)] == ["DONE"]


def test_a_fault_of_the_checker_costs_no_call_its_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(note_module, "unsupported", breaks)
    checked = note_module.write_checked_note(REFILL)
    assert checked.text == f"{TITLE}\nCall: CA-refill\n\n{note_module.NOT_CHECKED}\n"
    assert len(checked.faults) == 1, "staff are asked to read the transcript"


def test_a_doubtful_sign_and_the_answer_that_settled_it_are_quoted_from_their_turns() -> None:
    asked, quote = "Has someone taken too much medicine?", "my boy had some of my pills / yes right now"
    turns = (
        turn(0, "", "How can I help?"),
        turn(1, "yes", "How can I help?"),
        turn(2, "my boy had some of my pills", asked),
        turn(3, "yes right now", "Call Poison Help now."),
    )
    flag = RedFlagRaised("RF10", "emergency", quote)
    paged = replace(RED_FLAG.done[0], turn_number=3, action=PageStaff("a1", quote, "RF10"))
    record = replace(RED_FLAG, turns=turns, done=(paged,), red_flags=(flag,), symptoms_present=(quote,))
    record = replace(record, reason="my boy had some of my pills", symptoms_denied=())
    note = write_note(record)
    told = '"my boy had some of my pills" [t2] / "yes right now" [t3]'
    assert section(note, "SYMPTOMS PRESENT (caller's words)") == [f"- {told}"]
    assert section(note, "RED FLAGS")[0].endswith(f", caller: {told}")
    assert unsupported(note, record) == ()
    denied = note.replace('"yes right now" [t3]', '"yes" [t1]')
    assert {fault.section for fault in unsupported(denied, record)} == {
        "SYMPTOMS PRESENT (caller's words)",
        "RED FLAGS",
    }


def test_a_no_to_a_direct_question_is_quoted_with_it() -> None:
    asked, quote = (
        "Is this a medical emergency right now?",
        "Is this a medical emergency right now? no it is not",
    )
    turns = (turn(0, "", asked), turn(1, "no it is not", "How can I help?"))
    record = replace(REFILL, turns=turns, done=(), reason="", symptoms_denied=(quote,))
    note = write_note(record)
    assert section(note, "SYMPTOMS DENIED") == [f'- asked: "{asked}" [t0], caller: "no it is not" [t1]']
    assert unsupported(note, record) == ()


def test_a_no_to_the_question_in_other_words_bears_out_that_there_are_no_new_problems() -> None:
    before, asked = REFILL.turns[1], REFILL.turns[2]
    answer = replace(REFILL.turns[3], caller_text="nope it's been fine")
    unclear = replace(
        asked, agent_text="Sorry, I didn't catch that. Has it caused you any trouble, yes or no?"
    )
    record = replace(REFILL, turns=(REFILL.turns[0], before, unclear, answer))
    assert unsupported(write_note(record), record) == ()
