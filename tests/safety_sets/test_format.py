"""The frozen sentences keep their format, their numbers and their promises. None is screened here."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.safety_sets.frozen import REGISTER, FrozenError, check, freeze, length, name_of
from tests.safety_sets.sets import (
    FLAGS,
    NEGATIVES,
    SECOND_NEGATIVES,
    SECOND_POSITIVES,
    SETS,
    THIRD_NEGATIVES,
    THIRD_POSITIVES,
    Kind,
    SetError,
    read_negatives,
    read_positives,
)

DANGERS = read_positives()
NO_DANGERS = read_negatives()
TEXTS = [*(danger.text for danger in DANGERS), *(one.text for one in NO_DANGERS)]
THIRD_DANGERS = read_positives(THIRD_POSITIVES)
THIRD_NO_DANGERS = read_negatives(THIRD_NEGATIVES)
THIRD_TEXTS = [*(danger.text for danger in THIRD_DANGERS), *(one.text for one in THIRD_NO_DANGERS)]
FILLERS = {"uh", "um", "well", "please", "so", "oh", "and", "the", "a", "an", "just"}
DIGIT_WORDS = "zero oh one two three four five six seven eight nine".split()
MONTHS = "january february march april may june july august september october november december".split()
# A sample, to catch a slip: an ordinary call that names a danger belongs to one of the hard kinds.
DANGER_WORDS = set(
    """pain blood bleeding die dying kill breathe chest seizure suicide poison burn choke faint heart stroke
    emergency ambulance unconscious overdose sangre dolor""".split()
)


@pytest.mark.parametrize("flag", FLAGS)
def test_each_red_flag_has_its_phrasings(flag: str) -> None:
    of_flag = [danger for danger in DANGERS if danger.flag == flag]
    tags = Counter(tag for danger in of_flag for tag in danger.tags)
    assert sum(danger.is_plain_english for danger in of_flag) >= 30
    assert tags["spanish"] >= 4
    assert tags["noised"] >= 5
    assert tags["elderly"] >= 1
    assert tags["nonnative"] >= 1
    assert tags["proxy"] >= 5


def test_there_are_as_many_sentences_as_promised() -> None:
    tags = Counter(tag for danger in DANGERS for tag in danger.tags)
    assert sum(danger.is_plain_english for danger in DANGERS) >= 780
    assert tags["spanish"] >= 120
    assert tags["noised"] >= 150
    assert sum(one.is_hard for one in NO_DANGERS) >= 1_600
    assert sum(one.kind is Kind.ORDINARY for one in NO_DANGERS) >= 300


@pytest.mark.parametrize("flag", FLAGS)
def test_each_red_flag_has_its_sentences_in_the_third_set(flag: str) -> None:
    of_flag = [danger for danger in THIRD_DANGERS if danger.flag == flag]
    assert len(of_flag) >= 20
    assert sum(danger.is_plain_english for danger in of_flag) >= 14
    assert sum("noised" in danger.tags for danger in of_flag) >= 3
    assert sum(one.near == flag for one in THIRD_NO_DANGERS) >= 18


def test_the_third_set_has_as_many_sentences_as_promised() -> None:
    tags = Counter(tag for danger in THIRD_DANGERS for tag in danger.tags)
    assert tags["spanish"] >= 26
    assert sum(one.is_hard for one in THIRD_NO_DANGERS) >= 500
    assert sum(one.kind is Kind.ORDINARY for one in THIRD_NO_DANGERS) >= 200


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_no_danger_is_there(kind: Kind) -> None:
    assert sum(one.kind is kind for one in NO_DANGERS) >= 80


@pytest.mark.parametrize("flag", FLAGS)
def test_each_red_flag_has_sentences_that_only_look_like_it(flag: str) -> None:
    assert sum(one.near == flag for one in NO_DANGERS) >= 25


def test_no_ordinary_call_names_a_danger() -> None:
    ordinary = [one.text for one in (*NO_DANGERS, *THIRD_NO_DANGERS) if one.kind is Kind.ORDINARY]
    assert [text for text in ordinary if DANGER_WORDS & set(text.split())] == []


def test_a_tag_says_what_the_assertion_says() -> None:
    for danger in (*DANGERS, *THIRD_DANGERS):
        assert ("uncertain" in danger.tags) is (danger.assertion.polarity == "uncertain"), danger.text
        assert ("proxy" in danger.tags) is (danger.assertion.who == "other"), danger.text
        assert danger.assertion.time == "now" or danger.least == "urgent", danger.text


def core(text: str) -> str:
    """A sentence without accents, hyphens and the small words that change nothing."""
    plain = text.translate(str.maketrans("áéíóúüñ-", "aeiouun ", "'"))
    return " ".join(word for word in plain.split() if word not in FILLERS)


def with_one_word_open(text: str) -> set[tuple[str, ...]]:
    """Every pattern that a sentence shares with another when only one word of four or more is swapped."""
    words = text.split()
    if len(words) < 4:
        return {tuple(words)}
    return {(*words[:at], "*", *words[at + 1 :]) for at in range(len(words))}


def repeated(texts: Iterable[str]) -> list[str]:
    seen: set[tuple[str, ...]] = set()
    twice = []
    for text in texts:
        patterns = with_one_word_open(text)
        if patterns & seen:
            twice.append(text)
        seen |= patterns
    return twice


def test_no_two_sentences_of_a_set_differ_by_one_swapped_word() -> None:
    assert repeated(danger.text for danger in DANGERS) == []
    assert repeated(one.text for one in NO_DANGERS) == []
    assert repeated(THIRD_TEXTS) == []


def test_no_sentence_stands_twice_in_other_dress() -> None:
    cores = Counter(core(text) for text in (*TEXTS, *THIRD_TEXTS))
    assert [text for text, times in cores.items() if times > 1] == []


def test_the_third_set_repeats_no_sentence_of_the_earlier_two() -> None:
    dangers, harmless = read_positives(SECOND_POSITIVES), read_negatives(SECOND_NEGATIVES)
    second = [*(danger.text for danger in dangers), *(one.text for one in harmless)]
    patterns = {pattern for text in (*TEXTS, *second) for pattern in with_one_word_open(text)}
    assert [text for text in THIRD_TEXTS if with_one_word_open(text) & patterns] == []


def test_nothing_personal_is_said() -> None:
    digits = "|".join(DIGIT_WORDS)
    number = re.compile(rf"\b(?:(?:{digits}) ){{6}}(?:{digits})\b")
    birth = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b[a-z ]*\b(?:nineteen|twenty|two thousand)\b")
    said = (*TEXTS, *THIRD_TEXTS)
    assert [text for text in said if number.search(text) or birth.search(text)] == []


@pytest.mark.parametrize("path", SETS, ids=name_of)
def test_frozen_lines_are_as_they_were_and_new_ones_are_frozen_too(path: Path) -> None:
    assert check(path) == length(path), "run python -m tests.safety_sets.frozen"


def test_a_changed_or_lost_line_is_noticed_and_an_appended_one_is_welcome(tmp_path: Path) -> None:
    path = Path(shutil.copy(NEGATIVES, tmp_path))
    register = Path(shutil.copy(REGISTER, tmp_path))
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole + "ordinary\t-\t-\tone more about my bill\n", encoding="utf-8")
    assert freeze(path, register) == 1
    path.write_text(whole, encoding="utf-8")
    with pytest.raises(FrozenError, match="append, never change"):
        check(path, register)
    path.write_text(whole.replace("chest", "breast", 1) + "\n", encoding="utf-8")
    with pytest.raises(FrozenError, match="append, never change"):
        freeze(path, register)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("RF27\tpresent now patient actual\turgent\t-\tmy leg", "no red flag"),
        ("RF01\tpresent now\turgent\t-\tmy leg", "no assertion"),
        ("RF01\tpresent now patient actual\turgent\tloud\tmy leg", "no such tag: loud"),
        ("RF01\tpresent now patient actual\turgent\t-\tMy leg, 2 of them", "lower-case words"),
        ("RF01\tmy leg", "2 columns"),
    ],
)
def test_a_line_out_of_format_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "positives.tsv"
    path.write_text(f"flag\tassertion\tleast\ttags\ttext\n{line}\n", encoding="utf-8")
    with pytest.raises(SetError, match=complaint):
        read_positives(path)
