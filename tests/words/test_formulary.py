"""The formulary and what it may claim."""

from __future__ import annotations

import pytest

from words import formulary


def test_it_lists_the_common_outpatient_drugs_once() -> None:
    generics = [drug.generic for drug in formulary.all_drugs()]
    assert len(generics) >= 300
    assert len(generics) == len(set(generics))


def test_a_schedule_and_a_code_stand_only_with_their_sources() -> None:
    for drug in formulary.all_drugs():
        assert bool(drug.schedule) == bool(drug.schedule_source), drug.generic
        assert bool(drug.rxcui) == bool(drug.rxcui_source), drug.generic
        assert not drug.schedule or drug.controlled is True, drug.generic


@pytest.mark.parametrize(
    ("name", "generic"), [("Zestril", "lisinopril"), ("toprol xl", "metoprolol"), ("LASIX", "furosemide")]
)
def test_brands_lead_to_generics(name: str, generic: str) -> None:
    drug = formulary.by_name(name)
    assert drug is not None
    assert drug.generic == generic


def test_unknown_counts_as_controlled() -> None:
    assert formulary.is_controlled("no such drug")
    assert formulary.is_controlled("gabapentin")
    assert formulary.is_controlled("xanax")
    assert not formulary.is_controlled("lisinopril")
    assert formulary.is_high_risk("no such drug")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hydralazine", "hydroxyzine"),
        ("celexa", "celebrex"),
        ("metformin", "metronidazole"),
        ("tramadol", "trazodone"),
        ("bupropion", "buspirone"),
        ("lamictal", "lamisil"),
        ("clonidine", "klonopin"),
        ("prednisone", "prednisolone"),
    ],
)
def test_look_alikes_are_known_both_ways(one: str, other: str) -> None:
    first, second = formulary.by_name(one), formulary.by_name(other)
    assert first is not None
    assert second is not None
    assert second.generic in formulary.confusables(one)
    assert first.generic in formulary.confusables(other)


@pytest.mark.parametrize(
    ("heard", "generic"),
    [("lysine o pril", "lisinopril"), ("met four men", "metformin"), ("a tour of a statin", "atorvastatin")],
)
def test_the_nearest_by_sound(heard: str, generic: str) -> None:
    assert formulary.nearest(heard)[0].drug.generic == generic


def test_lay_names_belong_to_several() -> None:
    assert len(formulary.by_lay_name("water pill")) >= 2
    assert "water pill" in formulary.lay_names()
    assert formulary.by_name("water pill") is None


def test_the_sound_of_a_name_belongs_to_one_drug_and_reads_no_order() -> None:
    forms = [form for drug in formulary.all_drugs() for form in drug.said_as]
    assert len(forms) == len(set(forms)) >= 200
    assert not set(forms) & set(formulary.drug_names())
    assert formulary.by_name("met four men") is None


def test_a_name_belongs_to_one_drug() -> None:
    names = [name for drug in formulary.all_drugs() for name in drug.names]
    assert len(names) == len(set(names))


def test_the_common_drugs_are_some_of_all() -> None:
    assert {"lisinopril", "zestril"} <= set(formulary.common_names()) < set(formulary.drug_names())


@pytest.mark.parametrize(
    ("name", "controlled", "schedule"),
    [
        ("adderall", True, "II"),
        ("belsomra", True, "IV"),
        ("androgel", True, "III"),
        ("xcopri", True, "V"),
        ("fioricet", None, ""),  # the DEA exempts some products, states do not
        ("primidone", None, ""),
        ("sudafed", None, ""),
        ("gabapentin", None, ""),
        ("atomoxetine", False, ""),
    ],
)
def test_marks_of_controlled_drugs(name: str, controlled: bool | None, schedule: str) -> None:
    drug = formulary.by_name(name)
    assert drug is not None
    assert (drug.controlled, drug.schedule) == (controlled, schedule)


@pytest.mark.parametrize(
    "name",
    ["azathioprine", "tacrolimus", "cyclosporine", "methotrexate", "capecitabine", "imatinib", "bosentan",
     "isotretinoin", "carbamazepine", "lamotrigine", "phenytoin", "valproic acid", "warfarin", "edoxaban",
     "enoxaparin", "ticagrelor", "insulin glargine", "insulin regular", "oxycodone", "lithium"],
)  # fmt: skip
def test_what_ismp_or_the_practice_lists_is_high_risk(name: str) -> None:
    assert formulary.is_high_risk(name)
