"""Medicines against the patient's list; names against the roster. A drug is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.drugs import listed_medicines, read_drug
from intents.readers.names import matching_family, read_name
from models.domain import Choice, Medicine
from words import formulary

MEDICINES = tuple(
    Medicine(f"o{at}", name, f"{name} 10 MG Oral Tablet")
    for at, name in enumerate(("lisinopril", "hydralazine", "hydroxyzine", "metformin", "furosemide"))
)
LISTED = listed_medicines((), MEDICINES)
SURE_DRUG = 0.7  # of dialog.medicines: below it the name is read back before anything is done with it
ROSTER = ("Susan Miller", "Robert Miller", "Maria Garcia-Lopez", "John O'Brien", "Susan Milner")


@pytest.mark.parametrize(
    ("said", "drug"),
    [
        ("lisinopril", "lisinopril"),
        ("the Zestril please", "lisinopril"),
        ("lysine o pril", "lisinopril"),
        ("listen april", "lisinopril"),
        ("lisa no pearl", "lisinopril"),
        ("met four men", "metformin"),
        ("the glucophage", "metformin"),
        ("lasix", "furosemide"),
        ("my water pill", "furosemide"),
        ("metformin no i mean lisinopril", "lisinopril"),
        ("not the metformin the lisinopril", "lisinopril"),
        ("hydralazine", "hydralazine"),
        ("hydroxyzine", "hydroxyzine"),
    ],
)
def test_medicines_of_the_list(said: str, drug: str) -> None:
    found = read_drug(said, LISTED, expected=True)
    assert found is not None
    assert found.value == drug


@pytest.mark.parametrize(
    "said",
    [
        "yes",
        "i'm not sure what it's called",
        "i want to speak to a person",
        "thank you very much",
        "the little white one",
        "i have chest pain and my arm is numb",
        "march third nineteen fifty eight",
        "",
    ],
)
def test_no_medicine(said: str) -> None:
    assert read_drug(said, LISTED, expected=True) is None


@pytest.mark.parametrize(
    ("said", "drug"),
    [
        ("my meta pro law", "metoprolol"),  # not Prolia
        ("the al bute er all", "albuterol"),
        ("a pix a ban", "apixaban"),
        ("my mylicon", None),
        ("my elocon", "mometasone"),
        ("the li bru um", "chlordiazepoxide"),  # not Breo
    ],
)
def test_names_as_they_sound_without_a_list(said: str, drug: str | None) -> None:
    found = read_drug(said, expected=True)
    assert found is None or found.value == drug or found.certainty <= 0.7


def test_the_sound_of_a_name_is_never_as_certain_as_the_name() -> None:
    sound, name = (
        read_drug("met foreman", LISTED, expected=True),
        read_drug("metformin", LISTED, expected=True),
    )
    assert sound is not None
    assert name is not None
    assert sound.value == name.value == "metformin"
    assert sound.certainty < name.certainty


def test_a_part_of_a_combination_heard_beside_more_is_asked_about() -> None:
    found = read_drug("i need a refill of my hydreco done ibuprofen", expected=True)
    assert found is not None
    assert found.certainty <= 0.7
    alone = read_drug("i need a refill of my ibuprofen", expected=True)
    assert alone is not None
    assert alone.certainty > 0.7


def test_the_patients_own_combination_goes_before_its_part() -> None:
    own = listed_medicines((), (Medicine("o1", "acetaminophen codeine", "acetaminophen codeine"),))
    found = read_drug("my acota minophen code ine", own, expected=True)
    assert found is not None
    assert found.value == "acetaminophen codeine"


def test_look_alikes_on_the_list_are_asked_about() -> None:
    found = read_drug("hydralazine", LISTED, expected=True)
    assert found is not None
    assert found.certainty <= 0.6
    assert "hydroxyzine" in found.alternatives


def test_a_medicine_not_on_the_list_is_not_bent_onto_it() -> None:
    found = read_drug("metronidazole", LISTED, expected=True)
    assert found is not None
    assert found.value == "metronidazole"
    assert found.certainty <= 0.6
    assert "metformin" in found.alternatives


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("tianol with co deine", "acetaminophen codeine"),  # codeine, as it stands there
        ("no re thindrone athi myl eztraiol", "norethindrone ethinyl estradiol"),
        ("sa tbi tril va lsu rtan", "sacubitril valsartan"),
        ("the pro crtia please", "diltiazem"),  # near its brand, but more was said
        ("the bokse siu cline please", "doxycycline"),  # near verapamil's brand
        ("i need a refill of my thai tone", "methadone"),
    ],
)
def test_what_only_sounds_like_another_medicine_is_asked_about(said: str, taken: str) -> None:
    listed = listed_medicines((), (Medicine("o1", taken, taken), Medicine("o2", "glyburide", "glyburide")))
    found = read_drug(said, listed, expected=True)
    assert found is None or found.certainty < SURE_DRUG


def test_a_name_in_two_pieces_is_the_patients_own_before_one_of_them_is_another() -> None:
    listed = listed_medicines((), (Medicine("o1", "budesonide", "budesonide"),))
    found = read_drug("bue desonide", listed, expected=True)
    assert found is not None
    assert found.value == "budesonide"  # not desonide


@pytest.mark.parametrize(
    "said", ["not lisinopril", "not the metformin", "instead of lisinopril", "i don't take lisinopril"]
)
def test_a_medicine_that_is_turned_down_is_not_meant(said: str) -> None:
    assert read_drug(said, LISTED, expected=True) is None


def test_of_two_medicines_named_one_is_asked_for() -> None:
    found = read_drug("metformin or was it lisinopril", LISTED, expected=True)
    assert found is not None
    assert {"metformin", "lisinopril"} <= {found.value, *found.alternatives}
    assert found.certainty < SURE_DRUG


def test_a_medicine_heard_clearly_is_not_asked_about() -> None:
    for said in ("lisinopril", "my metformin", "the furosemide please", "metforman"):
        found = read_drug(said, LISTED, expected=True)
        assert found is not None
        assert found.certainty >= SURE_DRUG


def test_a_lay_name_means_something_only_against_a_list() -> None:
    assert read_drug("my water pill", expected=True) is None
    two = listed_medicines((), (*MEDICINES, Medicine("o9", "spironolactone", "spironolactone 25 MG")))
    found = read_drug("my water pill", two, expected=True)
    assert found is not None
    assert found.certainty < 0.5
    assert {found.value, *found.alternatives} >= {"furosemide", "spironolactone"}


def test_a_question_with_choices_gives_the_name() -> None:
    listed = listed_medicines((Choice("o0", ("lisinopril", "zestril")),), MEDICINES)
    assert listed[0].value == "o0"
    found = read_drug("zestril", listed, expected=True)
    assert found is not None
    assert found.value == "lisinopril"


@given(st.sampled_from([drug.generic for drug in formulary.all_drugs()]))
def test_every_generic_said_plainly_is_found(generic: str) -> None:
    found = read_drug(f"i need a refill of my {generic}", expected=True)
    assert found is not None
    assert found.value == generic


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("susan miller", "Susan Miller"),
        ("my name is susan miller", "Susan Miller"),
        ("it's maria garcia", "Maria Garcia-Lopez"),
        ("this is bob miller calling about my refill", "Robert Miller"),
        ("suzan mueller", "Susan Miller"),
        ("john obrien", "John O'Brien"),
        ("first name susan last name miller", "Susan Miller"),
        ("uh susan miller m i l l e r", "Susan Miller"),
        ("no it's susan milner", "Susan Milner"),
        ("susan smith no susan miller", "Susan Miller"),
        ("Susan Miller, March 3rd 1958", "Susan Miller"),
    ],
)
def test_names_of_the_roster(said: str, name: str) -> None:
    found = read_name(said, ROSTER, expected=True)
    assert found is not None
    assert found.value == name


def test_a_name_like_none_is_kept_as_said() -> None:
    found = read_name("my name is peter parker", ROSTER)
    assert found is not None
    assert (found.value, found.alternatives) == ("Peter Parker", ())
    assert found.certainty < 0.7


def test_near_names_are_kept_as_rivals() -> None:
    found = read_name("susan miller", ROSTER, expected=True)
    assert found is not None
    assert "Susan Milner" in found.alternatives or found.certainty > 0.9


@pytest.mark.parametrize(
    "said",
    [
        "i'm calling about my refill",
        "this is about my appointment",
        "i'm dizzy and weak",
        "i am having chest pain",
        "yes",
    ],
)
def test_no_name(said: str) -> None:
    assert read_name(said, ROSTER) is None


def test_spelled_family_names_find_their_people() -> None:
    assert matching_family("GARCIA", ROSTER) == ("Maria Garcia-Lopez",)
    assert set(matching_family("MILLER", ROSTER)) >= {"Susan Miller", "Robert Miller"}


@given(st.text(max_size=100))
def test_any_text_is_survived(text: str) -> None:
    for entity in (read_drug(text, LISTED, expected=True), read_name(text, ROSTER, expected=True)):
        assert entity is None or 0 <= entity.span[0] < entity.span[1] <= len(text)


@pytest.mark.parametrize("said", ["John Miller here", "hi, John Miller here, I need a refill"])
def test_who_signs_on_with_here_has_said_a_name(said: str) -> None:
    found = read_name(said)
    assert found is not None
    assert found.value == "John Miller"


@pytest.mark.parametrize(
    "said", ["back pain here", "terrible headache here", "new patient here", "we just moved here"]
)
def test_what_is_here_is_no_name(said: str) -> None:
    assert read_name(said) is None
