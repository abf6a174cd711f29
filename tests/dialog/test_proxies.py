"""Who calls for somebody else: the patient first, then the caller, then what the chart lets them do."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from models.domain import (
    Authority,
    Disposition,
    HungUp,
    IdentityLevel,
    Intent,
    OpenTask,
    ProxyScope,
    RecordPermission,
    RequestRefill,
    SendCode,
    TaskKind,
    TransferCall,
    VerifyIdentity,
)
from tests.dialog.calls import Backend, Call

ALL = Authority((ProxyScope.ALL,), "RelatedPerson/r1", "daughter")
VISITS = Authority((ProxyScope.SCHEDULING,), "RelatedPerson/r1", "daughter")


def by_daughter(authority: Authority | None = ALL, **backend: str) -> Call:
    proxies = {"Ann Smith": authority} if authority else {}
    call = Call(Backend(proxies=proxies, **backend))  # type: ignore[arg-type]
    call.says("my mother needs a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    return call


def gives_both_names(call: Call) -> str:
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    return call.says("Ann Smith", name="Ann Smith")


def makes_sure(call: Call) -> str:
    """What is asked where the number did not do: the birth date once more, and the ZIP code."""
    call.hears("I heard the birth date March fifth, nineteen eighty-one. Is that right?")
    call.yes()
    call.hears("What is the patient's ZIP code?")
    return call.says("04401", zip="04401")


def test_the_patient_first_then_the_caller_then_the_wish() -> None:
    call = by_daughter()
    call.hears("What is the patient's full name?")
    call.says("Maria Lopez", name="Maria Lopez")
    call.hears("And what is the patient's date of birth?")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("And what is your own name?")
    call.says("Ann Smith", name="Ann Smith")
    call.hears("Thank you. Any new problems or side effects with it?")
    (check,) = call.ordered_of(VerifyIdentity)
    assert (check.names, check.caller_names) == (("Maria Lopez",), ("Ann Smith",))
    assert dialog.summary(call.state).by_proxy


@pytest.mark.parametrize("said", ["02121", "oh two one two one", "the zip is 0 2 1 2 1"])
def test_a_zip_said_at_the_question_for_the_name_is_kept(said: str) -> None:
    call = by_daughter(zip_code="02121")
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("And what is your own name?")
    call.says(said)
    call.hears("What are your own first and last names?")
    assert "Sorry" not in call.text
    call.says("Ann Smith", name="Ann Smith")
    assert call.ordered_of(VerifyIdentity)[0].zip_code == "02121"
    call.hears("Any new problems")


def test_other_numbers_at_the_question_for_the_name_are_no_zip() -> None:
    call = by_daughter()
    for said in (
        "5 5 5 0 1 2 3 4 5 6",
        "1981",
        "1 2 3 4 5 6",
        "I take 20 of the 300 for about 3 weeks or so",
    ):
        call.says(said)
    assert not call.state.known.get("zip")


def test_one_sentence_may_name_the_caller_and_the_patient() -> None:
    call = Call(Backend(proxies={"Ann Smith": ALL}))
    call.says(
        "hi this is Ann Smith, I'm calling for my mother, she needs a refill of lisinopril",
        Intent.REFILL_REQUEST,
        name="Ann Smith",
        drug="lisinopril",
    )
    call.hears("What is the patient's full name?")
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("Any new problems")
    assert call.ordered_of(VerifyIdentity)[0].caller_names == ("Ann Smith",)


def test_the_patient_named_beside_the_relation_is_the_patient() -> None:
    call = Call(Backend(proxies={"Ann Smith": ALL}))
    call.says(
        "I need to cancel a visit for my mother Maria Lopez", Intent.SCHEDULE_CANCEL, name="Maria Lopez"
    )
    call.hears("And what is the patient's date of birth?")


def test_who_says_for_whom_only_is_asked_what_for() -> None:
    call = Call()
    call.says("I'm calling for my mother")
    call.hears("All right. What can I do for them?")
    call.says("cancel a visit", Intent.SCHEDULE_CANCEL)
    call.hears("What is the patient's full name?")


def test_it_may_come_out_in_the_middle() -> None:
    call = Call(Backend(proxies={"Ann Smith": ALL}))
    call.says("cancel a visit", Intent.SCHEDULE_CANCEL)
    call.says("Ann Smith", name="Ann Smith")
    call.says("oh, it's for my mother actually")
    call.hears("What is the patient's full name?")
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("May I ask why you're cancelling your visit")


def test_who_gives_the_patients_own_name_is_the_patient() -> None:
    """ "My mother needs a ride, so I must cancel": the words were misleading, the name is not."""
    call = by_daughter()
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.says("Maria Lopez", name="Maria Lopez")
    assert call.ordered_of(VerifyIdentity)[0].caller_names == ()
    assert not dialog.summary(call.state).by_proxy


def test_staff_are_told_who_called_for_whom_on_what_authority() -> None:
    call = by_daughter()
    gives_both_names(call)
    call.says("yes it makes her cough a lot", Intent.AFFIRM, yes_no=True)
    call.event(HungUp())
    (task,) = call.ordered_of(OpenTask)
    assert task.summary.endswith(
        "Ann Smith (daughter) called for the patient: on RelatedPerson/r1, scope all."
    )
    assert task.patient_id == "pat-1"


def test_authority_for_visits_is_none_for_refills() -> None:
    call = by_daughter(VISITS)
    gives_both_names(call)
    call.hears("I don't have permission on file for that.", "What would you like me to tell them?")
    call.says("she is out of lisinopril")
    call.yes()
    (task,) = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.PROXY_AUTHORIZATION_NEEDED
    assert call.ordered_of(RequestRefill) == []
    call.says("cancel her visit then", Intent.SCHEDULE_CANCEL)
    call.hears("May I ask why you're cancelling your visit with Doctor Chen")


@pytest.mark.parametrize("patient_known", [True, False])
def test_without_authority_nothing_is_given_and_what_is_told_is_taken(patient_known: bool) -> None:
    known = ("Maria Lopez", "1981-03-05") if patient_known else ("Somebody Else", "1950-01-01")
    call = Call(Backend(known=known))
    heard = [
        call.says("my mother needs a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril"),
        gives_both_names(call),
        makes_sure(call),
        call.no(),
        call.says("please call her, she has run out"),
        call.yes(),
    ]
    assert heard[1] == "I heard the birth date March fifth, nineteen eighty-one. Is that right?"
    assert heard[2] == "I don't have permission on file for that. Is the patient there with you to allow it?"
    assert "What would you like me to tell them?" in heard[3]
    (task,) = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.PROXY_AUTHORIZATION_NEEDED
    assert task.patient_id == ""
    assert task.summary == (
        "please call her, she has run out."
        " Ann Smith, who says for mother called for the patient: no authority found."
    )
    assert dialog.summary(call.state).identity is IdentityLevel.L0
    assert dialog.summary(call.state).disposition is Disposition.IDENTITY_FAILED
    other = Call(Backend(known=("Nobody Atall", "1901-01-01")))
    assert heard[0] == other.says(
        "my mother needs a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril"
    )


def test_who_hangs_up_without_authority_leaves_a_task_all_the_same() -> None:
    call = by_daughter(None)
    gives_both_names(call)
    makes_sure(call)
    call.no()
    call.event(HungUp())
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.PROXY_AUTHORIZATION_NEEDED


def on_the_line(call: Call) -> str:
    """The patient says who they are, as everybody does."""
    call.hears("Please put the patient on the line. May I have your full name?")
    call.says("this is Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("You are the patient, born March fifth, nineteen eighty-one. Is that right?")
    call.yes()
    call.hears("What is your ZIP code?")
    return call.says("04401", zip="04401")


def with_patient(code: str = "412379") -> Call:
    call = by_daughter(None, code=code)
    gives_both_names(call)
    makes_sure(call)
    call.yes()
    on_the_line(call)
    return call


def test_the_patient_comes_on_the_line_and_allows_it() -> None:
    call = with_patient()
    call.hears("One more check, to be sure it is you. May I text a code to the mobile number on file?")
    call.yes()
    call.says("4 1 2 3 7 9")
    call.hears("May Ann Smith speak for you on this call?")
    call.yes()
    call.hears("Thank you, I've noted that. Back to your refill.", "Any new problems")
    (wish,) = call.ordered_of(RecordPermission)
    assert (wish.patient_id, wish.caller_name, wish.relationship) == ("pat-1", "Ann Smith", "mother")
    assert dialog.summary(call.state).by_proxy


def test_who_goes_on_in_the_patients_name_needs_the_patients_telephone() -> None:
    """The same knowledge as before proves nothing new."""
    call = with_patient()
    call.yes()
    call.says("I don't have my phone here")
    call.hears("Our staff will have to help you with that.", "What would you like me to tell them?")
    call.says("please call her, she has run out")
    call.yes()
    (task,) = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.PROXY_AUTHORIZATION_NEEDED
    assert call.ordered_of(RecordPermission) == call.ordered_of(RequestRefill) == []


def test_a_patient_without_a_mobile_on_file_is_called_by_staff() -> None:
    call = with_patient(code="")
    call.yes()
    call.hears("I'm not able to send a code on this call.", "Our staff will have to help you with that.")
    assert call.ordered_of(RecordPermission) == []


def test_the_patient_on_the_line_may_say_no() -> None:
    call = with_patient()
    call.yes()
    call.says("4 1 2 3 7 9")
    call.no()
    assert call.ordered_of(RecordPermission) == []
    assert not dialog.summary(call.state).by_proxy


def test_who_spoke_for_another_and_then_is_the_patient_proves_it_by_the_code() -> None:
    """ "Actually, I'm the patient": nothing is read or done on what the first claim knew already."""
    call = by_daughter()
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("And what is your own name?")
    call.says("Maria Lopez", name="Maria Lopez")
    call.hears("Thank you. One more check, to be sure it is you.")
    call.no()
    call.hears("Our staff will have to help you with that.")
    assert call.ordered_of(RequestRefill) == []


def test_words_that_point_to_somebody_else_are_asked_about() -> None:
    call = Call(Backend(proxies={"Ann Smith": ALL}))
    call.says("she needs her lisinopril refilled", Intent.REFILL_REQUEST, drug="lisinopril")
    call.hears("Are you calling for yourself?")
    call.no()
    call.hears("What is the patient's full name?")
    gives_both_names(call)
    call.hears("Any new problems")
    assert call.ordered_of(VerifyIdentity)[0].caller_names == ("Ann Smith",)


def test_a_relation_that_the_line_swallowed_comes_out_at_the_read_back() -> None:
    call = Call(Backend(zip_code="04401"))
    call.says("my eve is out of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("You are the patient, born March fifth, nineteen eighty-one. Is that right?")
    call.says("no, I'm calling for my wife", Intent.DENY, yes_no=False)
    call.hears("I heard the birth date March fifth, nineteen eighty-one. Is that right?")
    call.yes()
    call.hears("And what is your own name?")


def test_who_came_on_the_line_and_is_not_the_patient_after_all_gets_nothing() -> None:
    call = by_daughter(None)
    gives_both_names(call)
    makes_sure(call)
    call.yes()
    call.says("this is Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.says("no, it's for my mother", Intent.DENY, yes_no=False)
    call.yes()
    call.says("Ann Smith", name="Ann Smith")
    call.says("04401", zip="04401")
    call.hears("I don't have permission on file for that.")
    assert dialog.summary(call.state).identity is IdentityLevel.L0


def test_a_patient_may_hand_the_call_over() -> None:
    call = Call()
    call.says("I want my daughter to speak for me", Intent.OUT_OF_SCOPE)
    call.hears("May I have your full name?")
    call.identifies()
    call.hears("What is their full name?")
    call.says("Ann Smith", name="Ann Smith")
    call.yes()
    assert call.ordered_of(RecordPermission)[0].relationship == "daughter"


def test_confidential_care_asked_about_for_another_goes_to_a_person() -> None:
    call = by_daughter()
    gives_both_names(call)
    call.says("and she wants her birth control too", Intent.REFILL_REQUEST)
    call.hears("I'm connecting you with our staff now.")
    assert call.ordered_of(TransferCall)
    assert "birth control" not in call.text


def test_of_another_patient_too_a_person_takes_care() -> None:
    call = Call()
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.yes()
    call.says("my husband needs a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.hears("On one call I can help with one person's care only.", "a person, or leave a message?")
    assert call.ordered_of(RequestRefill) == []


def test_the_code_goes_to_who_speaks_for_the_patient() -> None:
    call = Call(Backend(proxies={"Ann Smith": ALL}))
    call.says("what medicines is my mother on? I'm calling for my mother", Intent.MEDICATION_QUESTION)
    gives_both_names(call)
    call.yes()
    assert call.ordered_of(SendCode)[0].basis == "RelatedPerson/r1"


# --------------------------------------------------------------------------- children


def child(age: int, *, policy: bool = True, staff: bool = True, backend: Backend | None = None) -> Call:
    call = Call(backend or Backend(known=("Evan Brooks", f"{2026 - age}-05-20")), staff=staff)
    practice = replace(call.context.practice, minors_may_schedule=policy)
    call.context = replace(call.context, practice=practice)
    return call


def says_who(call: Call, age: int) -> str:
    call.says("Evan Brooks", name="Evan Brooks")
    return call.says("May twentieth", dob=f"{2026 - age}-05-20")


def test_a_parent_on_file_may_do_what_a_patient_may() -> None:
    mother = Authority((ProxyScope.ALL,), "RelatedPerson/r2", "mother")
    call = child(10, backend=Backend(known=("Evan Brooks", "2016-05-20"), proxies={"Jill Brooks": mother}))
    call.says("cancel a visit", Intent.SCHEDULE_CANCEL)
    says_who(call, 10)
    call.hears("Are you the patient's parent or guardian?")
    call.yes()
    call.hears("And what is your own name?")
    call.says("Jill Brooks", name="Jill Brooks")
    call.hears("May I ask why you're cancelling your visit")


def test_from_twelve_on_a_patient_may_see_to_visits_where_the_practice_lets_them() -> None:
    call = child(14)
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    says_who(call, 14)
    call.no()
    call.hears("May I ask why you're cancelling your visit")
    call.yes()
    call.says("and a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.hears("I'm connecting you with our staff now.")
    assert call.ordered_of(RequestRefill) == []


@pytest.mark.parametrize(("age", "policy"), [(14, False), (11, True), (5, True)])
def test_else_a_child_alone_gets_a_person_before_anything_is_looked_up(age: int, policy: bool) -> None:
    call = child(age, policy=policy)
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    says_who(call, age)
    call.no()
    call.hears("I'm connecting you with our staff now.")
    assert call.ordered_of(VerifyIdentity) == []


def test_a_child_who_says_it_is_for_them_has_no_parent_on_the_line() -> None:
    call = child(14)
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    says_who(call, 14)
    call.says("it's for me", Intent.AFFIRM)
    call.hears("May I ask why you're cancelling your visit")


def test_a_child_alone_after_hours_leaves_a_message() -> None:
    call = child(11, staff=False)
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    says_who(call, 11)
    call.no()
    call.hears("Our office is closed right now.", "What would you like me to tell them?")
    call.says("please call my mom")
    call.yes()
    (task,) = call.ordered_of(OpenTask)
    assert task.summary == "please call my mom. Patient of 11 called alone."
