"""A check-in in the chart: the agreed documents, valid R4, and the note's three lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ehr_writeback import WritebackConfig, note_text, plan, write_note
from ehr_writeback.checker import unsupported
from fhir.codes import check
from models.domain import (
    ActionFailed,
    CallRecord,
    CheckinAnswer,
    CheckinFiled,
    CheckinScore,
    CheckinStatus,
    Coding,
    Disposition,
    DoneAction,
    FileCheckin,
    IdentityLevel,
    QuestionKind,
    TurnRecord,
)

STARTED = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
CONFIG = WritebackConfig(system_url="https://cedar.example", practice_name="Cedar Family Practice")
LOINC = "http://loinc.org"
WORDS = "I gained four pounds since yesterday and my ankles are swollen"
ANSWERS = (
    CheckinAnswer(
        "breath",
        "Are you short of breath?",
        QuestionKind.YES_NO,
        "no",
        quote="no",
        finding="short of breath",
        present=False,
    ),
    CheckinAnswer(
        "swelling",
        "More swelling?",
        QuestionKind.YES_NO,
        "yes",
        quote=WORDS,
        finding="more swelling",
        present=True,
    ),
    CheckinAnswer(
        "gain", "How many pounds?", QuestionKind.NUMBER, "4", "[lb_av]", quote=WORDS, finding="weight gain"
    ),
    CheckinAnswer(
        "weight",
        "What do you weigh?",
        QuestionKind.NUMBER,
        "182.5",
        "[lb_av]",
        quote="182.5",
        finding="weight",
        coding=Coding(LOINC, "29463-7", "Body weight"),
    ),
    CheckinAnswer(
        "bp",
        "Blood pressure?",
        QuestionKind.PRESSURE,
        "140/90",
        "mm[Hg]",
        quote="140 over 90",
        finding="blood pressure",
        coding=Coding(LOINC, "85354-9", "Blood pressure panel with all children optional"),
    ),
    CheckinAnswer(
        "cough",
        "A new cough?",
        QuestionKind.YES_NO,
        absent="asked-declined",
        quote="I'd rather not say",
        finding="new cough",
    ),
    CheckinAnswer(
        "mood",
        "Feeling down?",
        QuestionKind.CHOICE,
        "LA6569-3",
        display="Several days",
        system=LOINC,
        score=1,
        quote="several days",
        coding=Coding(LOINC, "44255-8", "Feeling down, depressed, or hopeless"),
    ),
    CheckinAnswer("who", "Whom would you call?", QuestionKind.WORDS, "my daughter", quote="my daughter"),
    CheckinAnswer("visit", "Which day?", QuestionKind.DAY, "2026-12-03", quote="December third"),
)
FILED = FileCheckin(
    "a3",
    "p1",
    "urn:firstring:questionnaire:heart-failure|1.0.0",
    "Heart failure check-in",
    CheckinStatus.STOPPED,
    "D2",
    ANSWERS,
    ("more tired",),
    (CheckinScore("phq2", 1, "", Coding(LOINC, "55758-7", "PHQ-2 total score")),),
    ("weight gain over the limit",),
)


def turn(number: int, caller: str, agent: str) -> TurnRecord:
    return TurnRecord(number, STARTED + timedelta(seconds=20 * number), caller, agent)


ASKED = [one.text for one in ANSWERS]
RECORD = CallRecord(
    call_id="CA-checkin",
    started=STARTED,
    ended=STARTED + timedelta(minutes=4),
    caller_number="+16175550181",
    identity=IdentityLevel.L1,
    patient_id="p1",
    disposition=Disposition.COMPLETED,
    reason="you called me for a check-in",
    turns=(
        turn(0, "", "How can I help?"),
        turn(1, "you called me for a check-in", ASKED[0]),
        *(
            turn(n, one.quote, text)
            for n, (one, text) in enumerate(zip(ANSWERS, [*ASKED[1:], "Goodbye."], strict=True), start=2)
        ),
    ),
    done=(DoneAction(10, FILED, CheckinFiled("Checkin/1")),),
    models={"firstring": "0.1.0"},
    practice_timezone="America/New_York",
)


def test_every_document_is_valid_r4() -> None:
    kinds = [item.kind for item in plan(RECORD, CONFIG)]
    assert kinds.count("qr") == 1
    assert kinds.count("obs") == 4
    for item in plan(RECORD, CONFIG):
        assert check(item.resource) == [], item.key


def test_a_refusal_has_no_answer_and_says_why() -> None:
    response = next(item.resource for item in plan(RECORD, CONFIG) if item.kind == "qr")
    cough = next(item for item in response["item"] if item["linkId"] == "cough")
    assert "answer" not in cough
    assert "asked-declined" in str(cough["extension"])
    assert response["meta"]["security"][0]["code"] == "PATAST"
    assert response["status"] == "stopped"


def test_what_the_backend_could_not_keep_is_in_the_chart_all_the_same() -> None:
    lost = replace(RECORD, done=(DoneAction(10, FILED, ActionFailed("backend-timeout")),))
    assert "qr" in [item.kind for item in plan(lost, CONFIG)]


def test_the_note_keeps_present_denied_and_not_asked_apart() -> None:
    note = note_text(RECORD, CONFIG)
    assert "SUMMARY WITHHELD" not in note
    present, denied = note.split("SYMPTOMS PRESENT")[1].split("SYMPTOMS DENIED")
    denied, left = denied.split("SYMPTOMS NOT ASKED")
    assert f'- more swelling: "{WORDS}" [t3]' in present
    assert '- short of breath: "no" [t2]' in denied
    assert "- more tired" in left.split("CHECK-IN")[0]
    answers = left.split("CHECK-IN (answers)")[1]
    assert '- new cough declined to answer, "I\'d rather not say" [t7]' in answers
    assert "- weight gain = 4 [lb_av]" in answers
    assert "stopped" in answers


def test_answers_of_an_earlier_call_are_named_without_a_word_of_them() -> None:
    """A check-in that was cut off is filed whole by the call that ends it; the first call has the words."""
    asked = RECORD.turns[-1]
    later = replace(RECORD, turns=(replace(asked, number=1, caller_text="yes", agent_text="Thank you."),))
    note = write_note(later)
    told = [line for line in note.splitlines() if line.endswith(": answered on an earlier call")]
    assert len(told) == len([answer for answer in ANSWERS if answer.quote])
    assert not {fault.line for fault in unsupported(note, later)} & set(told)
    assert WORDS not in note
