"""What a site's table gains, and that it frees nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.refill_policy import drug_facts
from models.errors import FormularyError
from tests.words.national.small_files import CONSO, FILLS, PRODUCTS, REL
from words import drug_table, formulary
from words.drug_table import Drug, laid_over
from words.national.build import Built, Sources, build
from words.national.meps import read_fills
from words.national.ndc import read_products
from words.national.rxnorm import read_rxnorm

SHIPPED = drug_table.read(formulary.SHIPPED)


@pytest.fixture(scope="module")
def built() -> Built:
    sources = Sources(
        read_rxnorm(CONSO, REL), read_fills("h248a.csv", FILLS), read_products("product.txt", PRODUCTS)
    )
    return build(SHIPPED, sources)


def row(built: Built, generic: str) -> Drug:
    return next(drug for drug in built.drugs if drug.generic == generic)


def test_codes_schedules_brands_and_fills_are_filled_in(built: Built) -> None:
    captopril = row(built, "captopril")
    assert (captopril.rxcui, captopril.fills) == ("9001", 3000)
    assert "Kapto" in captopril.brands
    assert row(built, "losartan hydrochlorothiazide").rxcui == "9004"
    assert row(built, "meperidine").schedule == "II"
    assert "meperidine: II, it was not known" in built.new_schedules


def test_a_code_that_differs_is_told(built: Built) -> None:
    assert any(text.startswith("captopril: RxNorm has 9001") for text in built.other_codes)
    assert row(built, "captopril").rxcui_source == "RxNorm, RXNCONSO.RRF"


def test_a_product_without_a_schedule_frees_nothing(built: Built) -> None:
    merged = {drug.generic: drug for drug in laid_over(SHIPPED, built.drugs)}
    assert merged["gabapentin"].controlled is None


def test_a_schedule_makes_a_free_drug_controlled(built: Built) -> None:
    assert row(built, "lisinopril").controlled is True
    assert row(built, "lisinopril").schedule == "IV"


def test_a_milder_schedule_changes_nothing(built: Built) -> None:
    assert all(drug.generic != "acetaminophen codeine" for drug in built.drugs)


def test_a_drug_that_people_are_dispensed_is_added_for_a_person_to_see_to(built: Built) -> None:
    assert built.added == ["zilurine"]  # not the rare one, and not what RxNorm does not know
    assert built.not_in_rxnorm == ["drug rare"]
    zilurine = row(built, "zilurine")
    assert (zilurine.high_risk, zilurine.controlled, zilurine.rxcui) == (True, None, "9007")
    assert zilurine.brands == ("Zantrex",)


def test_the_added_drug_is_heard_and_still_refused(built: Built, tmp_path: Path) -> None:
    from agent.formulary_build import write

    write(tmp_path / "formulary.csv", built.drugs)
    formulary.use(tmp_path / "formulary.csv")
    try:
        assert formulary.nearest("zilurine")[0].drug.generic == "zilurine"
        facts = drug_facts("Zilurine 5 MG Oral Tablet")
        assert (facts.name, facts.controlled, facts.high_risk) == ("zilurine", None, True)
        assert formulary.is_controlled("lisinopril")
        assert formulary.common_names()[0] == "zilurine"  # by fills
    finally:
        formulary.use(None)
    assert formulary.by_name("zilurine") is None
    assert not formulary.is_controlled("lisinopril")


def test_a_broken_table_is_refused_and_the_one_in_use_stays(tmp_path: Path) -> None:
    table = tmp_path / "formulary.csv"
    header = ",".join(drug_table.COLUMNS)
    for broken, why in {
        "generic,brands\nx,y\n": "line 1: there is no column 'class'",
        f"{header}\nx,,c\n": "line 2: it has not as many cells",
        f"{header}\nX,,c,,,,no,no,,,,,no,\n": "line 2: the generic name 'X'",
        f"{header}\nx,,c,,,,no,maybe,,,,,no,\n": "line 2: controlled is yes, no or unknown",
        f"{header}\nx,,c,,,,no,yes,IV,,,,no,\n": "line 2: a schedule and its source go together",
        f"{header}\nx,,c,,,,no,no,IV,s,,,no,\n": "line 2: what has a schedule is controlled",
        f"{header}\nx,,c,,,,no,no,,,12,,no,\n": "line 2: an RxCUI and its source go together",
        f"{header}\nx,,c,,,,no,no,,,,,no,\nx,,c,,,,no,no,,,,,no,\n": "line 3: x stands there twice",
    }.items():
        table.write_text(broken)
        with pytest.raises(FormularyError, match=why):
            formulary.use(table)
    assert len(formulary.all_drugs()) == len(SHIPPED)


_MARK = st.sampled_from([True, False, None])


@given(_MARK, _MARK, st.booleans(), st.booleans())
def test_a_sites_row_never_frees_a_drug(
    ours: bool | None, theirs: bool | None, our_risk: bool, their_risk: bool
) -> None:
    def drug(controlled: bool | None, high_risk: bool) -> Drug:
        return Drug("x", (), "c", (), (), high_risk, controlled, "")

    (merged,) = laid_over([drug(ours, our_risk)], [drug(theirs, their_risk)])
    assert (merged.controlled is False) == (ours is False and theirs is False)
    assert merged.high_risk == (our_risk or their_risk)
