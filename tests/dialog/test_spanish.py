"""Callers who speak Spanish: signed wordings are spoken in Spanish, and without a signature nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from backends.spanish_prompts import SHIPPED, read
from dialog import emergency, safety, wording
from dialog.sentences import fixed_sentences
from dialog.spanish import is_spanish
from models.domain import (
    CallStarted,
    Intent,
    Keys,
    Language,
    OpenTask,
    PageStaff,
    TaskKind,
    TransferCall,
)
from tests.dialog.calls import PRACTICE, Call
from tests.safety_sets.sets import POSITIVES, SECOND_POSITIVES, THIRD_POSITIVES, read_positives

SIGNED = read(SHIPPED).prompts  # as if a practice had signed them as they are
IN_SPANISH = dict(SIGNED.said)


def signed_call(*, staff: bool = True) -> Call:
    call = Call(staff=staff)
    call.context = replace(call.context, practice=replace(call.context.practice, spanish=SIGNED))
    return call


def languages(call: Call) -> list[Language]:
    return [sentence.language for sentence in call.decision.say]


def test_who_presses_two_hears_the_disclosures_in_spanish_and_is_put_through() -> None:
    call = signed_call()
    call.slow = True
    call.event(Keys("2"))
    call.hears(
        "Si es una emergencia, cuelgue y llame al 911. "
        "Soy un asistente de inteligencia artificial; no soy enfermera ni médico. Esta llamada se graba. "
        "Le comunico ahora con nuestro personal."
    )
    assert set(languages(call)) == {Language.SPANISH}
    assert call.ordered_of(TransferCall)


def test_unsigned_wordings_are_never_spoken() -> None:
    call = Call()
    call.slow = True
    call.event(Keys("2"))
    call.hears("I'm connecting you with our staff now.")
    assert set(languages(call)) == {Language.ENGLISH}


def test_out_of_hours_an_interpreter_is_promised_in_spanish() -> None:
    call = signed_call(staff=False)
    call.slow = True
    call.event(Keys("2"))
    call.hears("Le pido a nuestro personal que le llame con un intérprete.")
    call.answer()
    call.hears("Ya les avisé. Is there anything else I can help with?")
    assert languages(call) == [Language.SPANISH, Language.ENGLISH], "we ask only what we understand"
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.LANGUAGE_LINE


def test_who_asks_in_spanish_is_answered_in_spanish() -> None:
    call = signed_call()
    call.slow = True
    call.says("habla español", Intent.LANGUAGE_REQUEST)
    call.hears("Le comunico ahora con nuestro personal.")


def test_another_language_is_answered_in_english() -> None:
    call = signed_call()
    call.slow = True
    call.says("I need an interpreter for Portuguese", Intent.LANGUAGE_REQUEST)
    call.hears("I'm connecting you with our staff now.")


def test_only_the_offer_of_the_english_greeting_is_spanish() -> None:
    call = signed_call()
    call.state = dialog.start("call-2")
    greeting = call.event(CallStarted())
    assert "Para español, oprima el dos." in greeting
    assert languages(call).count(Language.SPANISH) == 1


def test_a_danger_told_in_spanish_is_answered_in_spanish() -> None:
    call = signed_call(staff=False)
    call.says("me duele el pecho", Intent.SYMPTOM_REPORT)
    call.hears(IN_SPANISH[safety.sentence(safety.Code.D0)], "¿Puede llamar al 911 ahora mismo?")
    assert call.ordered_of(PageStaff)
    call.yes()
    call.hears("Por favor cuelgue y llame al 911 ahora. Me quedo en la línea hasta que llame.")


def test_without_a_signature_it_is_answered_in_english() -> None:
    call = Call(staff=False)
    call.slow = True
    call.says("me duele el pecho", Intent.SYMPTOM_REPORT)
    call.hears(safety.sentence(safety.Code.D0), "Can you call 911 right now?")
    assert set(languages(call)) == {Language.ENGLISH}


def test_a_danger_told_in_english_is_answered_in_english() -> None:
    call = signed_call(staff=False)
    call.says("I have crushing chest pain", Intent.SYMPTOM_REPORT)
    call.hears(safety.sentence(safety.Code.D0))


def test_nobody_comes_to_the_telephone_and_the_caller_is_told_in_spanish() -> None:
    call = signed_call()
    call.backend.failing = (TransferCall,)
    call.event(Keys("2"))
    call.hears("Lo siento, no pude comunicarme con nadie.", "Ya tienen su pedido de que le llamen.")


def test_the_wordings_stand_for_sentences_that_we_say() -> None:
    ours = {*fixed_sentences(PRACTICE), wording.SPANISH}
    assert [english for english, _ in SIGNED.said if english not in ours] == []


def test_every_emergency_wording_is_among_them() -> None:
    fixed = [
        *(safety.sentence(code) for code in safety.Code),
        *emergency.CONSTANTS,
        *wording.STAYING,
        *wording.STAYING_988,
        *(wording.UNTIL_YOU_DO, wording.CONNECTING_HELP, wording.NOBODY_YET, wording.CLOSED),
        *(wording.WITHIN_15_MINUTES, wording.IF_WORSE),
    ]
    assert [english for english in fixed if english not in IN_SPANISH] == []


@pytest.mark.parametrize("text", ["no puedo respirar", "¡Ayúdenme!", "mamá se desmayó", "me duele el pecho"])
def test_spanish_is_known_by_its_words(text: str) -> None:
    assert is_spanish(text)


def test_a_language_is_rarely_mistaken_for_the_other() -> None:
    """Over the frozen sentences of danger: no English one is taken for Spanish."""
    dangers = [row for path in (POSITIVES, SECOND_POSITIVES, THIRD_POSITIVES) for row in read_positives(path)]
    spanish = [row.text for row in dangers if "spanish" in row.tags]
    english = [row.text for row in dangers if "spanish" not in row.tags]
    assert [text for text in english if is_spanish(text)] == []
    assert sum(map(is_spanish, spanish)) >= 0.97 * len(spanish) > 100
