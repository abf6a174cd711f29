"""Identity before anything of a chart: what is asked, what is never told, how often."""

from __future__ import annotations

import dialog
from models.domain import (
    Action,
    CancelVisit,
    Disposition,
    Entity,
    ExpectationKind,
    IdentityLevel,
    IdentityRefused,
    Intent,
    Keys,
    OpenTask,
    RequestRefill,
    Result,
    TaskKind,
    VerifyIdentity,
)
from tests.dialog.calls import Backend, Call


def wants_refill(backend: Backend | None = None) -> Call:
    call = Call(backend)
    call.says("refill please", Intent.REFILL_REQUEST)
    return call


def test_names_are_there_to_hear_with_and_never_spoken() -> None:
    call = wants_refill()
    assert call.decision.expectation.kind is ExpectationKind.NAME
    assert "Maria Lopez" in [choice.value for choice in call.decision.expectation.choices]
    assert "Maria" not in call.text
    assert "Maria Lopez" not in str(dialog.to_json(call.state))


def test_a_birth_date_by_keys() -> None:
    call = wants_refill()
    call.says("Maria Lopez", name="Maria Lopez")
    assert call.decision.expectation.digits == 8
    call.event(Keys("03051981"))
    call.hears("Thank you. Which medication")
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_a_date_that_is_none_is_asked_again() -> None:
    call = wants_refill()
    call.says("Maria Lopez", name="Maria Lopez")
    call.event(Keys("02311981"))
    assert call.ordered_of(VerifyIdentity) == []
    assert call.state.asking == "identity.dob"


def test_a_doubtful_birth_date_is_read_back_as_the_caller_said_it() -> None:
    call = wants_refill()
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March sixth", dob=("1981-03-06", 0.4))
    call.hears("I heard the birth date March sixth, nineteen eighty-one. Is that right?")
    call.says("no, the fifth", Intent.DENY, yes_no=False, dob=("1981-03-05", 0.9))
    call.hears("Which medication")


def test_a_birth_date_that_was_denied_is_not_proposed_again_where_there_is_another() -> None:
    call = wants_refill()
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty", dob=Entity("1980-03-05", (0, 5), 0.55, ("1918-03-05",)))
    call.hears("I heard the birth date March fifth, nineteen eighty. Is that right?")
    call.says("no", Intent.DENY, yes_no=False)
    call.hears("date of birth")
    call.says("March fifth nineteen eighty", dob=Entity("1980-03-05", (0, 5), 0.55, ("1918-03-05",)))
    call.hears("I heard the birth date March fifth, nineteen eighteen. Is that right?")
    call.says("no", Intent.DENY, yes_no=False)
    call.says("March fifth nineteen eighty", dob=("1980-03-05", 0.9))
    call.hears("I heard the birth date March fifth, nineteen eighty. Is that right?")


def test_the_other_hearings_of_a_name_are_tried_in_one_attempt() -> None:
    call = wants_refill()
    call.says("Mario Lopez", name=Entity("Mario Lopez", (0, 11), 0.6, ("Maria Lopez",)))
    call.says("March fifth", dob="1981-03-05")
    assert call.ordered_of(VerifyIdentity)[0].names == ("Mario Lopez", "Maria Lopez")
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_another_number_than_the_one_on_file_needs_the_zip() -> None:
    call = wants_refill(Backend(zip_code="04401"))
    call.identifies()
    call.hears("You are the patient, born March fifth, nineteen eighty-one. Is that right?")
    call.yes()
    call.hears("What is your ZIP code?")
    call.says("oh four four oh one", zip="04401")
    call.hears("Which medication")
    assert dialog.summary(call.state).identity_attempts == 2


def from_another_number() -> Call:
    call = wants_refill(Backend(zip_code="04401"))
    call.says("Maria Lopez", name="Maria Lopez")
    return call


def test_a_birth_date_that_the_line_garbled_opens_nothing() -> None:
    """ "Seventy two" became "seventy": who is really born in 1970 is somebody else's patient."""
    call = from_another_number()
    call.says("March fifth nineteen eighty", dob="1980-03-05")
    call.hears("You are the patient, born March fifth, nineteen eighty. Is that right?")
    call.says("no, March fifth nineteen eighty one", Intent.DENY, yes_no=False, dob="1981-03-05")
    call.hears("You are the patient, born March fifth, nineteen eighty-one. Is that right?")
    call.yes()
    call.says("oh four four oh one", zip="04401")
    assert [check.dob.isoformat() for check in call.ordered_of(VerifyIdentity) if check.zip_code] == [
        "1981-03-05"
    ]


def test_the_same_date_said_again_confirms_it() -> None:
    call = from_another_number()
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.says("yes, March fifth nineteen eighty one", Intent.AFFIRM, yes_no=True, dob="1981-03-05")
    call.hears("What is your ZIP code?")


def test_a_zip_code_said_twice_is_no_birth_date() -> None:
    call = wants_refill()
    for _ in range(2):
        call.says("my zip code is zero two one one one", dob=("2011-02-01", 0.7))
    assert not call.state.known.get("dob")


def test_a_keyed_date_is_not_read_back_but_whose_it_is_is_asked() -> None:
    call = from_another_number()
    call.event(Keys("03051981"))
    call.hears("Are you calling for yourself?")
    call.yes()
    call.hears("What is your ZIP code?")


def test_a_no_may_mean_the_person() -> None:
    call = from_another_number()
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.no()
    call.hears("Are you calling for yourself?")
    call.no()
    call.hears("And what is the patient's date of birth?")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.yes()
    call.hears("And what is your own name?")


def test_a_zip_that_was_hardly_heard_is_asked_again_then_keyed_in() -> None:
    call = wants_refill(Backend(zip_code="04401"))
    call.identifies()
    call.yes()
    call.hears("What is your ZIP code?")
    call.says("oh four four oh nine", zip=("04409", 0.4))
    call.hears("Please say or press the five digits of the ZIP code.")
    call.says("oh four four oh nine", zip=("04409", 0.4))
    call.hears("You can press the five digits of it.")
    assert len(call.ordered_of(VerifyIdentity)) == 1, "nothing was tried with a doubtful number"


def test_three_attempts_then_staff_call_and_nothing_is_given_away() -> None:
    call = Call(Backend(known=("Somebody Else", "1950-01-01")))
    call.says("cancel my appointment", Intent.SCHEDULE_CANCEL)
    heard = [call.identifies(), call.yes(), call.says("12345", zip="12345")]
    heard += [call.says("Maria Lopes", name="Maria Lopes"), call.says("M A R I A", letters="MARIA")]
    heard.append(call.says("12345", zip="12345"))
    call.hears(
        "I'm not able to verify that information. I'll have our staff call the number we have on file.",
        "Is there anything else I can help with?",
    )
    for word in ("not a patient", "on file for", "wrong", "match", "birth date is", "Chen"):
        assert all(word not in text for text in heard)
    assert [task.kind for task in call.ordered_of(OpenTask)] == [TaskKind.IDENTITY_FAILED_CALLBACK]
    assert len(call.ordered_of(VerifyIdentity)) == 3
    assert call.ordered_of(CancelVisit) == []
    call.says("then book a visit", Intent.SCHEDULE_BOOK)
    call.hears("Our staff will have to help you with that. What would you like me to tell them?")
    assert dialog.summary(call.state).disposition is Disposition.IDENTITY_FAILED


def test_identity_is_asked_once_a_call() -> None:
    call = wants_refill()
    call.identifies()
    call.says("never mind, cancel my visit", Intent.SCHEDULE_CANCEL)
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.hears("May I ask why you're cancelling your visit")
    assert len(call.ordered_of(VerifyIdentity)) == 1


def test_an_identity_system_that_fails_is_no_refusal_of_the_caller() -> None:
    call = wants_refill(Backend(failing=(VerifyIdentity,)))
    call.identifies()
    call.hears("I'm sorry, I can't reach our system right now.")
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.SAME_DAY_CALLBACK


def test_a_half_heard_year_that_makes_a_child_is_read_back_before_a_parent_is_asked_for() -> None:
    call = Call()
    call.says("I need a refill", Intent.REFILL_REQUEST)
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("march fifth nineteen either one", dob=("2019-03-05", 0.7))
    call.hears("I heard the birth date March fifth, twenty nineteen. Is that right?")
    call.no()
    call.hears("Say the date of birth once more, or key it in.")


TWIN = Entity("John Miller", (0, 11), 0.9, ("Joan Miller",))


def refused_twice(backend: Backend) -> Call:
    call = wants_refill(backend)
    call.says("John Miller", name=TWIN)
    call.says("September ninth nineteen seventy five", dob="1975-09-09")
    call.hears("You are the patient, born September ninth, nineteen seventy-five. Is that right?")
    call.yes()
    call.says("oh two one one six", zip="02116")
    call.hears("Let's try that once more.", "May I have your full name?")
    call.says("John Miller", name=TWIN)
    call.hears("Please spell your first name for me.")
    assert call.decision.expectation.kind is ExpectationKind.SPELLING
    return call


class OneName(Backend):
    """A claim of more names than one fits nobody."""

    def answer(self, action: Action) -> Result | None:
        unclear = isinstance(action, VerifyIdentity) and len(action.names) > 1
        return IdentityRefused() if unclear else super().answer(action)


def test_the_last_attempt_spells_the_first_name() -> None:
    call = refused_twice(OneName(known=("John Miller", "1975-09-09")))
    call.says("J O H N", letters="JOHN")
    call.says("oh two one one six", zip="02116")
    check = call.ordered_of(VerifyIdentity)[-1]
    assert (check.names, check.spelled) == (("John Miller",), True)
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_letters_that_differ_from_the_name_as_heard_are_read_back() -> None:
    call = refused_twice(OneName(known=("Joan Miller", "1975-09-09")))
    call.says("J O A N", letters="JOAN")
    call.hears("For the first name I have the letters J, O, A, N. Is that right?")
    call.yes()
    call.says("oh two one one six", zip="02116")
    assert call.ordered_of(VerifyIdentity)[-1].names == ("Joan Miller",)
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_letters_that_were_misheard_make_no_other_name() -> None:
    """ "Mason" spelled as "A, S, O, N" sounds like Jason, his twin."""
    call = refused_twice(OneName(known=("John Miller", "1975-09-09")))
    call.says("O H N", letters="OHN")
    call.hears("For the first name I have the letters O, H, N. Is that right?")
    call.no()
    call.hears("Please spell your first name for me.")
    call.says("J O H N", letters="JOHN")
    call.says("oh two one one six", zip="02116")
    assert call.ordered_of(VerifyIdentity)[-1].names == ("John Miller",)


def test_letters_may_be_put_right_at_their_read_back() -> None:
    call = refused_twice(OneName(known=("John Miller", "1975-09-09")))
    call.says("O H N", letters="OHN")
    call.says("no, J O H N", Intent.DENY, yes_no=False, letters="JOHN")
    call.hears("What is your ZIP code?")


def test_letters_that_are_misheard_again_and_again_are_left() -> None:
    call = refused_twice(OneName(known=("John Miller", "1975-09-09")))
    call.says("O H N", letters="OHN")
    call.says("no, J O H", Intent.DENY, yes_no=False, letters="JOH")
    call.hears("For the first name I have the letters J, O, H. Is that right?")
    call.says("no, J H N", Intent.DENY, yes_no=False, letters="JHN")
    call.hears("What is your ZIP code?")


def twin_heard_as(name: str, backend: Backend) -> Call:
    """All fits, and the first name as it was heard may be either twin's."""
    call = wants_refill(backend)
    call.says(name, name=name)
    call.says("September ninth nineteen seventy five", dob="1975-09-09")
    return call


class UnlessSpelled(Backend):
    """Two who share everything, with first names that are taken for one another."""

    def answer(self, action: Action) -> Result | None:
        unclear = isinstance(action, VerifyIdentity) and not action.spelled
        return IdentityRefused(several=True) if unclear else super().answer(action)


def test_a_first_name_that_may_be_a_twins_is_read_back_letter_by_letter() -> None:
    call = twin_heard_as("Helen Miller", UnlessSpelled(known=("Helen Miller", "1975-09-09")))
    call.hears("For the first name I have the letters H, E, L, E, N. Is that right?")
    call.yes()
    check = call.ordered_of(VerifyIdentity)[-1]
    assert (check.names, check.spelled, check.zip_code) == (("Helen Miller",), True, "")
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_who_was_heard_as_the_twin_says_no_and_spells() -> None:
    call = twin_heard_as("Ellen Miller", UnlessSpelled(known=("Helen Miller", "1975-09-09")))
    call.hears("For the first name I have the letters E, L, L, E, N. Is that right?")
    call.no()
    call.hears("Please spell your first name for me.")
    call.says("H E L E N", letters="HELEN")
    call.hears("For the first name I have the letters H, E, L, E, N. Is that right?")
    call.yes()
    assert call.ordered_of(VerifyIdentity)[-1].names == ("Helen Miller",)
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_who_never_spells_a_name_that_may_be_a_twins_is_nobody() -> None:
    call = twin_heard_as("Ellen Miller", UnlessSpelled(known=("Helen Miller", "1975-09-09")))
    for _ in range(12):
        call.no() if "letters" in call.text else call.says("what", dob="1975-09-09")
    assert dialog.summary(call.state).identity is IdentityLevel.L0
    assert call.ordered_of(RequestRefill) == []


def test_a_name_that_was_heard_right_the_first_time_still_counts() -> None:
    call = wants_refill(Backend(known=("John Miller", "1975-09-09"), zip_code="02117"))
    call.says("John Miller", name="John Miller")
    call.says("September ninth nineteen seventy five", dob="1975-09-09")
    call.yes()
    call.says("oh two one one six", zip="02116")
    call.says("John Reminders", name="John Reminders")
    call.says("J O H N", letters="JOHN")
    call.says("oh two one one seven", zip="02117")
    assert call.ordered_of(VerifyIdentity)[-1].names == ("John Reminders", "John Miller")
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_who_cannot_be_understood_spelling_goes_on_without() -> None:
    call = refused_twice(OneName(known=("John Miller", "1975-09-09")))
    for _ in range(2):
        call.says("O H N", letters="OHN")
        call.no()
    call.hears("What is your ZIP code?")


def test_what_was_refused_is_not_tried_again() -> None:
    call = refused_twice(Backend(known=("Nobody Else", "1900-01-01")))
    call.says("J O H N", letters="JOHN")
    call.says("oh two one one six", zip="02116")
    call.hears("I'm not able to verify that information.")
    assert len(call.ordered_of(VerifyIdentity)) == 3, "the letters alone are new: Joan is no longer meant"


def test_the_same_claim_is_not_tried_again() -> None:
    call = Call(Backend(known=("Somebody Else", "1950-01-01")))
    call.says("cancel my appointment", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.yes()
    call.says("12345", zip="12345")
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("M A R I A", letters="MARIA")
    call.says("12345", zip="12345")
    call.hears("I'm not able to verify that information.")
    assert len(call.ordered_of(VerifyIdentity)) == 2


def test_a_zip_code_that_is_called_one_is_no_birth_date() -> None:
    call = Call()
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.says("My ZIP code is zero two one two six.", Intent.OUT_OF_SCOPE, dob=("2026-02-01", 0.7))
    assert (call.state.known.get("zip"), call.state.known.get("dob")) == ("02126", None)


def asked_whether_it_is_the_patient() -> Call:
    call = wants_refill(Backend(known=("Maria Lopez", "1981-03-05"), zip_code="02111"))
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("You are the patient, born March fifth, nineteen eighty-one. Is that right?")
    return call


def test_a_yes_to_the_question_asked_again_says_that_the_caller_is_the_patient_too() -> None:
    call = asked_whether_it_is_the_patient()
    call.says("nice maria lopez virginia")
    call.hears("Are you the patient, and is that your own date of birth?")
    call.no()
    call.hears("Are you calling for yourself?")


def test_who_names_the_patient_as_another_is_asked_for_whom_the_call_is() -> None:
    call = asked_whether_it_is_the_patient()
    call.says("maria lopez is the patient, I'm Ann Cruz", other_person=True)
    call.hears("Are you calling for yourself?")
    call.no()
    call.hears("I heard the birth date")
    call.yes()
    call.hears("your own name")
    assert dialog.summary(call.state).identity is IdentityLevel.L0


def test_it_is_for_me_still_leaves_the_date_to_be_confirmed() -> None:
    call = asked_whether_it_is_the_patient()
    call.says("it's for me", for_self=True)
    call.hears("I heard the birth date March fifth, nineteen eighty-one. Is that right?")
    call.yes()
    call.hears("What is your ZIP code?")
