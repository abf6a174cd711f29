"""The three national files, as they are meant to be and otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.words.national.small_files import CONSO, FILLS, PRODUCTS, REL, conso, product, rel
from words.national.lines import key_of
from words.national.meps import read_fills
from words.national.ndc import read_products
from words.national.rxnorm import read_rxnorm


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hydrochlorothiazide / Lisinopril", "lisinopril hydrochlorothiazide"),
        ("METOPROLOL SUCCINATE", "metoprolol"),
        ("ACETAMINOPHEN; CODEINE PHOSPHATE", "acetaminophen codeine"),
        ("insulin, regular, human", "insulin regular"),
        ("HYDROCHLOROTHIAZIDE-LOSARTAN POTASSIUM", "losartan hydrochlorothiazide"),
    ],
)
def test_the_same_ingredients_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("potassium chloride", "potassium citrate"),
        ("acetaminophen", "acetaminophen codeine"),
        ("calcium carbonate", "lithium carbonate"),
    ],
)
def test_other_ingredients_have_another(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


def test_rxnorm_gives_codes_and_brands() -> None:
    found = read_rxnorm(CONSO, REL)
    assert found.codes["captopril"] == "9001"
    assert found.codes[key_of("losartan hydrochlorothiazide")] == "9004"
    assert found.brands == {
        "hyzaar": key_of("losartan hydrochlorothiazide"),
        "kapto": "captopril",
        "zantrex": "zilurine",
    }
    assert "nadolol" not in found.codes  # suppressed
    assert not found.bad


def test_bad_lines_of_rxnorm_are_named() -> None:
    found = read_rxnorm(
        [CONSO[0], "9002|ENG|\n", conso("x1", "IN", "losartan")], [rel("9001", "9006", "isa"), "\n"]
    )
    assert [str(bad) for bad in found.bad] == [
        "RXNCONSO.RRF line 2: 2 columns where 18 belong",
        "RXNCONSO.RRF line 3: 'x1' is no RxCUI",
        "RXNREL.RRF line 2: 0 columns where 16 belong",
    ]
    assert found.codes == {"captopril": "9001"}


def test_the_strictest_schedule_of_a_drugs_products_counts() -> None:
    found = read_products("product.txt", PRODUCTS)
    assert found.schedules["meperidine"][0] == "II"
    assert found.schedules["lisinopril"] == (
        "IV",
        "FDA NDC directory, product 0000-0004: DEASCHEDULE CIV",
    )
    assert "gabapentin" not in found.schedules
    assert not found.bad


def test_bad_lines_of_the_ndc_file_are_named() -> None:
    lines = [
        *PRODUCTS[:1],
        product("1", "CODEINE", "C9"),
        "a\tb\n",
        product("2", ""),
        product("3", "CODEINE", "II"),
    ]
    assert [(bad.line, bad.why) for bad in read_products("product.txt", lines).bad] == [
        (2, "'C9' is no DEA schedule"),
        (3, "2 columns where 20 belong"),
        (4, "neither a substance nor a non-proprietary name"),
        (5, "'II' is no DEA schedule"),
    ]
    assert (
        read_products("x", ["PRODUCTNDC\tSUBSTANCENAME\n"]).bad[0].why
        == "there is no column NONPROPRIETARYNAME"
    )


def test_fills_are_counted_with_the_persons_weight() -> None:
    found = read_fills("h248a.csv", FILLS)
    assert (found.records["captopril"], found.fills["captopril"]) == (3, 3000)
    assert found.fills[key_of("losartan hydrochlorothiazide")] == 500
    assert "zantrex" in found.written
    assert "-15" not in found.written
    assert not found.bad


def test_bad_lines_of_the_survey_are_named() -> None:
    lines = [FILLS[0], "1,A,CAPTOPRIL,0,heavy\n", "1,A\n", "1,A,CAPTOPRIL,0,1,2\n"]
    assert [(bad.line, bad.why) for bad in read_fills("h248a.csv", lines).bad] == [
        (2, "PERWT23F is 'heavy', no number"),
        (3, "not the 5 columns of line 1"),
        (4, "not the 5 columns of line 1"),
    ]
    assert read_fills("x", ["RXNAME\n"]).bad[0].why == "there is no column RXDRGNAM"
    assert read_fills("x", []).bad


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_is_read_or_named_never_thrown(lines: list[str]) -> None:
    read_rxnorm(lines, lines)
    read_products("x", lines)
    read_products("x", [*PRODUCTS[:1], *lines])
    read_fills("x", [FILLS[0], *(line.replace("\r", " ").replace("\n", " ") + "\n" for line in lines)])
