"""What a simulated caller makes of the agent's words, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agent.rehearsal import command, reader, speech_rules
from agent.rehearsal.audio_calls import News
from agent.rehearsal.caller import SimulatedCaller
from agent.rehearsal.judge import unmatched
from agent.rehearsal.knowing import Act
from agent.rehearsal.noise import misheard
from agent.rehearsal.played import Played, PlayedTurn
from agent.rehearsal.scenario import default_folder, read_file, read_folder
from agent.rehearsal.spoken import birth_forms, digits, times_in
from models.domain import IdentityLevel, TurnRecord
from models.errors import SettingsError

ALL = {scenario.name: scenario for scenario in read_folder(default_folder())}


@pytest.mark.parametrize(
    ("reply", "topic"),
    [
        ("May I have your full name?", "name"),
        ("What are your own first and last names?", "caller_name"),
        ("Could you tell me who I'm speaking with, first and last name please?", "name"),
        ("Thank you. And what is your date of birth?", "birth"),
        ("When were you born?", "birth"),
        ("I heard March fifth, nineteen eighty-one as the birth date. Is that right?", "birth_check"),
        ("What ZIP code do we have for you?", "zip"),
        ("Which pharmacy should we use?", "pharmacy"),
        ("Did you say lisinopril?", "medicine_check"),
        ("I have Tuesday at two PM, or Thursday at nine AM. Which would you like?", "offers"),
        ("A refill of lisinopril, at Harbor Drugs. Is that right?", "confirm"),
        ("Would you like to speak with a person, or leave a message?", "person_or_message"),
        ("Is there anything else I can help with?", "more"),
        ("We're open until five. Is there anything else I can help with?", "more"),
        ("What is the code we texted you?", "code"),
        ("What was your last blood pressure reading?", "reading"),
        ("Have you missed any blood pressure pills this week?", "yes_or_no"),
        ("Which one do you mean?", "which_visit"),
        ("Is there something else, yes or no?", "more"),
        ("May I text a code to the mobile number on file?", "text_consent"),
        ("Well, the weather.", ""),
    ],
)
def test_a_caller_tells_what_is_asked_from_the_words_alone(reply: str, topic: str) -> None:
    assert reader.asked(reply) == topic


def test_a_caller_hears_the_times_that_are_offered() -> None:
    reply = (
        "I have Tuesday, December first at two twenty PM with Doctor Chen, or Thursday, December third "
        "at nine AM with Nurse Practitioner Rivera. Which would you like?"
    )
    first, second = times_in(reply)
    assert (first.weekday, first.hour, first.daypart, first.doctor) == (1, 14, "afternoon", "chen")
    assert (second.weekday, second.hour, second.daypart, second.doctor) == (3, 9, "morning", "rivera")


def test_a_caller_who_cannot_come_then_says_no() -> None:
    caller = SimulatedCaller(ALL["book-plain"], 1)
    caller.hear("How can I help?")
    read_out = "A follow-up visit with Doctor Chen on {} at nine AM. Shall I book it?"
    assert not caller.hear(read_out.format("Friday, December fourth")).agrees
    assert caller.hear(read_out.format("Tuesday, December first")).agrees


def test_a_caller_who_left_a_visit_as_it_is_does_not_ask_for_it_again() -> None:
    caller = SimulatedCaller(ALL["cancel-thinks-again"], 1)
    caller.hear("How can I help?")
    read_out = "I'll cancel your visit with Doctor Chen on Tuesday, December first at ten AM. Is that right?"
    assert caller.hear(read_out).text == "Hmm, no, leave it."
    assert "cancel" not in caller.hear("What day and time would suit you?").text.lower()
    assert not caller.hear(read_out).agrees


def test_a_caller_who_is_asked_again_remembers_what_was_read_out() -> None:
    caller = SimulatedCaller(ALL["cancel-thinks-again"], 1)
    caller.hear("How can I help?")
    read_out = "I'll cancel your visit with Doctor Chen on Tuesday, December first at ten AM. Is that right?"
    assert not caller.hear(read_out).agrees
    assert not caller.hear("Sorry, is that right, yes or no?").agrees
    plain = SimulatedCaller(ALL["cancel-a-visit"], 1)
    plain.hear("How can I help?")
    assert plain.hear(read_out).agrees
    assert plain.hear("Sorry, is that right, yes or no?").agrees


def test_a_caller_does_not_cancel_another_days_visit_nor_once_more() -> None:
    caller = SimulatedCaller(ALL["frozen-which-one-the-blood-draw"], 1)
    caller.hear("How can I help?")
    read_out = "I'll cancel your visit on {} at nine AM. Is that right?"
    assert not caller.hear(read_out.format("Monday, December seventh")).agrees
    assert caller.hear(read_out.format("Friday, December fourth")).agrees
    assert "call off" not in caller.hear("That visit is cancelled. What day and time would suit you?").text


def test_a_caller_who_is_late_cancels_nothing() -> None:
    caller = SimulatedCaller(ALL["frozen-not-going-to-make-it-on-time"], 1)
    caller.hear("How can I help?")
    act = caller.hear("I'll cancel your visit on Tuesday, December first at nine AM. Is that right?")
    assert not act.agrees
    assert act.text.startswith("No.")


def test_a_caller_refuses_another_medicine() -> None:
    caller = SimulatedCaller(ALL["refill-due"], 1)
    caller.hear("How can I help?")
    assert not caller.hear("A refill of lamotrigine, at Main Street Pharmacy. Is that right?").agrees
    assert caller.hear("A refill of lisinopril, at Main Street Pharmacy. Is that right?").agrees


def test_dates_and_digits_as_people_say_them() -> None:
    assert birth_forms(date(1981, 3, 5))[0] == "March fifth nineteen eighty one"
    assert birth_forms(date(2004, 11, 22))[2] == "the twenty second of November two thousand four"
    assert digits("02111") == "zero two one one one"


def test_noise_changes_about_as_many_words_as_it_is_told_to() -> None:
    text = " ".join(["please refill my medicine at the pharmacy on main street"] * 30)
    heard = misheard(text, 0.15, "dice").split()
    same = sum(one == other for one, other in zip(text.split(), heard, strict=False))
    assert misheard(text, 0.0, "dice") == text
    assert heard != text.split()
    assert same > 0


def test_what_the_chart_knows_and_the_caller_did_not_say_is_a_disclosure() -> None:
    scenario = ALL["refill-due"]
    turn = PlayedTurn(Act("I need a refill"), "", "Do you mean lisinopril?", IdentityLevel.L1)
    said = PlayedTurn(Act("My lisinopril"), "", "Did you say lisinopril?", IdentityLevel.L1)
    known = PlayedTurn(Act("I need a refill"), "", "Do you mean lisinopril?", IdentityLevel.L2)
    assert speech_rules.disclosures(scenario, Played("c", 1, [turn])) == ["said 'lisinopril' at L1"]
    assert not speech_rules.disclosures(scenario, Played("c", 1, [said]))
    assert not speech_rules.disclosures(scenario, Played("c", 1, [known]))


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("You're booked for Tuesday.", "claimed, not done"),
        ("That visit is cancelled.", "claimed, not done"),
        ("One. Two. Three.", "3 sentences"),
        ("Which day? And what time?", "2 questions"),
        ("", "no reply"),
    ],
)
def test_bad_manners_are_found(reply: str, told: str) -> None:
    turns = [
        PlayedTurn(Act(text), "", one, IdentityLevel.L1) for text, one in (("", "Hello."), ("hi", reply))
    ]
    found = speech_rules.manners(ALL["refill-due"], Played("c", 1, turns))
    assert any(told in one for one in found)


ASKED = "I have a visit on Tuesday. It's at nine. Shall I book it?"


@pytest.mark.parametrize(
    ("replies", "told"),
    [
        ((ASKED, "Should I book that one?"), []),
        ((f"{ASKED} Should I book that one?",), ["2 sentences and 2 questions"]),
        ((ASKED, ASKED), ["the same twice running"]),
        (("One. Two. Three.", ASKED), ["3 sentences"]),
    ],
)
def test_what_the_agent_says_after_a_silence_is_a_turn_of_its_own(
    replies: tuple[str, ...], told: list[str]
) -> None:
    greeting = PlayedTurn(Act(), "", "Hello.", IdentityLevel.L0)
    turn = PlayedTurn(Act("hi"), "hi", " ".join(replies), IdentityLevel.L1, apart=replies)
    found = speech_rules.manners(ALL["refill-due"], Played("c", 1, [greeting, turn]))
    assert len(found) == len(told)
    assert all(one in fault for one, fault in zip(told, found, strict=True))


def test_a_caller_by_voice_hears_what_is_new_each_turn_apart() -> None:
    news, now = News(), datetime(2026, 12, 1, 9, tzinfo=UTC)
    asked = TurnRecord(0, now, "", "How can I help?")
    answered = TurnRecord(1, now, "a visit", "One moment.")
    grown = replace(answered, agent_text="One moment. Shall I book it?")
    again = TurnRecord(2, now, "", "Should I book it?")
    assert news.of([asked]) == ("", ("How can I help?",))
    assert news.of([asked, answered]) == ("a visit", ("One moment.",))
    assert news.of([asked, grown, again]) == ("", ("Shall I book it?", "Should I book it?"))
    assert news.of([asked, grown, again]) == ("", ())


def test_tasks_may_be_one_of_two_or_missing() -> None:
    assert unmatched("task", ("a|b", "c?"), ["b"]) == []
    assert unmatched("task", ("a",), ["b"]) == ["no task a", "unexpected task b"]


def test_a_file_with_an_unknown_word_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text('[[scenario]]\nname = "x"\ngoal = "refill"\nfacts = { medcine = "lisinopril" }\n')
    with pytest.raises(SettingsError, match=r"odd\.toml, scenario 'x': unknown fact 'medcine'"):
        read_file(path)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('facts = { minutes_late = "ten" }', "minutes_late = 'ten' is no whole number"),
        ("facts = { medicine = 5 }", "medicine = 5 is no text"),
        ('facts = { agrees = "yes" }', "agrees = 'yes' is no true or false"),
        ('expect = { warned = "911|nurse" }', r"warned = '911\|nurse' is none"),
        ('expect = { max_turns = "many" }', "max_turns = 'many' is no whole number"),
        ("expect = { warned = [] }", "warned = \\(\\) is no text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_file_scenario_and_key(
    tmp_path: Path, line: str, complaint: str
) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(f'[[scenario]]\nname = "x"\ngoal = "refill"\n{line}\n')
    with pytest.raises(SettingsError, match=rf"odd\.toml, scenario 'x': {complaint}"):
        read_file(path)


def test_there_are_enough_scenarios_and_each_has_its_own_name() -> None:
    assert len(ALL) >= 55
    assert len({scenario.theme for scenario in ALL.values()}) >= 8


def test_a_sample_is_spread_over_all_scenarios() -> None:
    everyone = tuple(ALL.values())
    sample = command.spread(everyone, 8)
    assert len({one.name for one in sample}) == 8
    assert len({one.theme for one in sample}) >= 6
    assert command.spread(everyone, 0) == command.spread(everyone, 10_000) == everyone


def test_a_failed_call_in_real_time_is_played_again_in_real_time() -> None:
    wish = command.Wish((ALL["refill-due"],), audio=True, real_time=True, snr_db=15.0)
    assert wish.conditions == "audio 15 dB in real time"
    again = wish.again(ALL["refill-due"], 7)
    assert again == ("--scenario", "refill-due", "--seed", "7", "--audio", "--snr", "15", "--real-time")
