"""The network: what it learns and keeps, what is decided from it, and how its settings are chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from intents import fitting
from intents.alarms import AlarmRow
from intents.augment import Row, epoch_rows
from intents.corpus import Example
from intents.decisions import (
    ANY_SIGN,
    LABELS,
    UNNAMED,
    Floats,
    Settings,
    decided,
    membership,
    probabilities,
    suspected,
)
from intents.encoder import SentenceEncoder
from intents.lessons import Lesson, of_epoch, of_row
from intents.network import RARE, Network, stored
from intents.tuning import tune
from models.domain import ExpectationKind, Intent

pytestmark = pytest.mark.busy(about_s=55)

OPEN, YES_NO = ExpectationKind.OPEN, ExpectationKind.YES_NO
REFILL, BOOK, STRANGER = Intent.REFILL_REQUEST, Intent.SCHEDULE_BOOK, Intent.OUT_OF_SCOPE
LESSONS = [
    Lesson("i need more of my pills", OPEN, (REFILL,), ()),
    Lesson("refill my prescription", OPEN, (REFILL,), ()),
    Lesson("can i see the doctor on friday", OPEN, (BOOK,), ()),
    Lesson("i want to come in for a checkup", OPEN, (BOOK,), ()),
    Lesson("susan miller", OPEN, (), ()),
    Lesson("i have an elephant on my chest", OPEN, None, ("RF01",)),
    Lesson("my chest is being crushed", OPEN, None, ("RF01",)),
    Lesson("that's all", OPEN, (Intent.GOODBYE,), ()),
    Lesson("that's all", YES_NO, (Intent.DENY,), ()),
    Lesson("nothing more", OPEN, (Intent.GOODBYE,), ()),
    Lesson("nothing more", YES_NO, (Intent.DENY,), ()),
]


@pytest.fixture(scope="module")
def taught(encoder: SentenceEncoder) -> Network:
    return tune(encoder, [LESSONS] * 11)


def logits_of(network: Network, text: str, kind: ExpectationKind = OPEN) -> tuple[Floats, Floats]:
    labels, signs = network.logits([text], [kind])
    return labels[0], signs[0]


def row_with(**shares: float) -> Floats:
    row = np.full(len(LABELS), 0.01, dtype=np.float32)
    for name, share in shares.items():
        row[LABELS.index(Intent(name))] = share
    return row


# --------------------------------------------------------------------------- what is learned


def test_untaught_it_thinks_everything_rare(encoder: SentenceEncoder) -> None:
    labels, signs = logits_of(Network(encoder), "i need a refill")
    assert np.allclose(labels, RARE)
    assert np.allclose(signs, RARE)


def test_a_few_lessons_are_learned(taught: Network) -> None:
    assert LABELS[int(logits_of(taught, "please refill my pills")[0].argmax())] is REFILL
    assert LABELS[int(logits_of(taught, "i'd like to come in")[0].argmax())] is BOOK


def test_the_same_lessons_make_the_same_network(encoder: SentenceEncoder) -> None:
    one, other = (tune(encoder, [LESSONS[:4]]) for _ in range(2))
    assert np.array_equal(logits_of(one, "a refill")[0], logits_of(other, "a refill")[0])


def test_dangers_are_learned_beside(taught: Network) -> None:
    labels, signs = logits_of(taught, "something crushes my chest")
    assert suspected(signs, Settings()) == "RF01"
    assert signs[ANY_SIGN] > logits_of(taught, "i need my pills")[1][ANY_SIGN]
    assert labels.max() < 0  # no label was ever taught for such words


def test_what_nobody_has_said_is_not_learned(encoder: SentenceEncoder) -> None:
    silent = tune(encoder, [[Lesson("my chest is being crushed", OPEN, None, None)] * 4])
    labels, signs = logits_of(silent, "my chest is being crushed")
    assert np.allclose(labels, RARE, atol=0.01)  # decay alone
    assert np.allclose(signs, RARE, atol=0.01)


def test_what_was_asked_is_learned_too(taught: Network) -> None:
    """Half of the "that's all" were a goodbye and half a no: only the question tells which."""
    goodbye, no = LABELS.index(Intent.GOODBYE), LABELS.index(Intent.DENY)
    closing, answer = (logits_of(taught, "that's all", kind)[0] for kind in (OPEN, YES_NO))
    assert closing[goodbye] - closing[no] > answer[goodbye] - answer[no]


def test_sentences_side_by_side_change_nothing_of_one_another(taught: Network) -> None:
    texts = ["i need a refill", "hi um my name is susan and i was hoping to come in some time next week"]
    together, alone = taught.logits(texts, [OPEN, OPEN]), taught.logits(texts[:1], [OPEN])
    assert np.allclose(together[0][0], alone[0][0], atol=1e-4)
    assert np.allclose(together[1][0], alone[1][0], atol=1e-4)


# --------------------------------------------------------------------------- what is kept


def test_it_comes_back_as_it_was_saved_and_goes_on_learning(
    encoder: SentenceEncoder, taught: Network, tmp_path: Path
) -> None:
    taught.settings = Settings(1.5, 0.25, 0.3, 0.6, 1.25)
    taught.save(tmp_path / "network.npz")
    again = Network(encoder)
    again.load(tmp_path / "network.npz")
    assert again.settings == taught.settings
    one, other = (logits_of(each, "i need a refill")[0] for each in (taught, again))
    assert np.allclose(one, other, atol=0.05)  # half precision
    assert tune(encoder, [[Lesson("the flux is low", OPEN, (BOOK,), ())] * 4] * 8, again, pace=0.5) is again
    assert LABELS[int(logits_of(again, "the flux is low")[0].argmax())] is BOOK
    assert LABELS[int(logits_of(again, "please refill my pills")[0].argmax())] is REFILL


@pytest.mark.parametrize(("labels", "complaint"), [(["pizza"], "other labels"), (LABELS, "do not fit")])
def test_weights_of_something_else_are_refused(tmp_path: Path, labels: list[str], complaint: str) -> None:
    np.savez(tmp_path / "network.npz", other=np.zeros(3, dtype=np.float16), labels=np.array(labels))
    with pytest.raises(ValueError, match=complaint):
        stored(tmp_path / "network.npz")


# --------------------------------------------------------------------------- what is shown


def test_epochs_show_the_same_sentences_in_other_circumstances() -> None:
    corpus = [
        Example(f"i need to see the doctor about my {part} on friday", (BOOK,), f"t/{part}", False)
        for part in "knee hand foot back neck ear eye hip".split()
    ]
    first, second = epoch_rows(corpus, 0), epoch_rows(corpus, 1)
    assert {row.family for row in first} >= {example.family for example in corpus}
    assert [row.text for row in first[:8]] != [row.text for row in second[:8]]
    assert all(row.intents == (BOOK,) for row in [*first[:8], *second[:8]])


def test_danger_sentences_say_nothing_of_wishes_and_complaints_nothing_of_dangers() -> None:
    dangers = [
        AlarmRow("my chest is being crushed", ("RF01",), "a"),
        AlarmRow("i crushed it at golf", (), "b"),
    ]
    lessons = of_epoch([Example("my knee hurts", (Intent.SYMPTOM_REPORT,), "c", False)], dangers, 0)
    assert [lesson.intents for lesson in lessons[-2:]] == [None, None]
    assert [lesson.signs for lesson in lessons[-2:]] == [("RF01",), ()]
    assert of_row(Row("my knee hurts", OPEN, (Intent.SYMPTOM_REPORT,), "c")).signs is None
    assert of_row(Row("a refill please", OPEN, (REFILL,), "d")).signs == ()


# --------------------------------------------------------------------------- what is decided


def test_a_weak_best_label_is_refused() -> None:
    assert decided(row_with(refill_request=0.39), Settings(threshold=0.4)) == ()


def test_who_may_be_a_stranger_is_asked_again_and_who_surely_is_one_is_told() -> None:
    settings = Settings(threshold=0.2)
    assert decided(row_with(out_of_scope=0.3), settings) == ()
    assert [i for i, _ in decided(row_with(out_of_scope=0.5), settings)] == [STRANGER]


def test_a_second_wish_must_be_likely_in_its_own_right() -> None:
    settings = Settings(threshold=0.3, second=0.5)
    assert [i for i, _ in decided(row_with(refill_request=0.9, schedule_book=0.55), settings)] == [
        REFILL,
        BOOK,
    ]
    assert [i for i, _ in decided(row_with(refill_request=0.9, schedule_book=0.45), settings)] == [REFILL]


def test_what_is_none_of_our_business_stands_alone() -> None:
    settings = Settings(threshold=0.3, second=0.3)
    assert [i for i, _ in decided(row_with(refill_request=0.9, out_of_scope=0.8), settings)] == [REFILL]
    assert [i for i, _ in decided(row_with(refill_request=0.8, out_of_scope=0.9), settings)] == [STRANGER]


def test_a_danger_is_suspected_above_its_limit_and_the_likeliest_is_named() -> None:
    signs = np.full(ANY_SIGN + 1, -4.0, dtype=np.float32)
    signs[2], signs[7], signs[ANY_SIGN] = 0.5, 1.5, 2.0
    assert suspected(signs, Settings(suspicion=1.0)) == "RF08"
    assert suspected(signs, Settings(suspicion=2.0)) == ""


def test_a_danger_that_has_no_likely_name_is_asked_about_as_an_emergency() -> None:
    signs = np.full(ANY_SIGN + 1, -4.0, dtype=np.float32)
    signs[7], signs[ANY_SIGN] = -0.1, 2.0
    assert suspected(signs, Settings(suspicion=1.0)) == UNNAMED


# --------------------------------------------------------------------------- what is chosen


def test_few_harmless_sentences_are_asked_about() -> None:
    harmless = np.linspace(-5, 5, 1_001).astype(np.float32)
    limit = fitting.suspicion(harmless)
    assert (harmless > limit).mean() == pytest.approx(fitting.MOST_ASKED, abs=0.002)


def test_calibration_takes_back_what_was_said_too_surely() -> None:
    """Nine of ten labels at +8 are right: the sureness of all of them becomes about that."""
    logits = np.full((100, 1), 8.0, dtype=np.float32)
    logits[50:] = -8.0
    targets = (logits > 0).astype(np.float32)
    targets[:5], targets[50:55] = 0.0, 1.0
    scale, shift = fitting.platt(logits, targets)
    sure = probabilities(logits, Settings(scale, shift))
    assert float(sure[0, 0]) == pytest.approx(0.9, abs=0.01)
    assert float(sure[-1, 0]) == pytest.approx(0.1, abs=0.01)


def test_a_wrong_guess_is_worse_than_a_question_and_a_stranger_may_be_refused() -> None:
    found = np.stack([row_with(refill_request=0.6), row_with(refill_request=0.6), row_with(repeat=0.2)])
    targets = membership([(REFILL,), (BOOK,), (STRANGER,)]).astype(np.float32)
    assert fitting.worth(found, targets, 0.5) == 2 - fitting.WRONG_COSTS
    assert fitting.worth(found, targets, 0.7) == 1
    assert fitting.worth(found, targets, 0.1) == 1 - 2 * fitting.WRONG_COSTS


def test_a_threshold_refuses_few_of_our_own_callers() -> None:
    """Of ten callers of ours, all read wrongly but one, hardly any may be refused for it."""
    found = np.stack([row_with(refill_request=0.3)] * 10)
    targets = membership([(REFILL,)] + [(BOOK,)] * 9).astype(np.float32)
    assert fitting.worth(found, targets, 0.35) > fitting.worth(found, targets, 0.3)
    assert fitting.best_threshold(found, targets) <= 0.3


def test_whole_sentences_are_right_give_or_take_courtesies() -> None:
    assert fitting.is_whole([REFILL], [Intent.GREETING, REFILL])
    assert fitting.is_whole([STRANGER], [])
    assert not fitting.is_whole([REFILL, BOOK], [REFILL])
    assert not fitting.is_whole([REFILL], [REFILL, BOOK])
    assert not fitting.is_whole([Intent.GREETING], [Intent.GOODBYE])
    assert not fitting.is_whole([], [Intent.GREETING])


def test_rows_that_are_wholly_right_are_counted() -> None:
    found = np.stack([row_with(refill_request=0.9, schedule_book=0.5), row_with(schedule_book=0.9)])
    targets = membership([(REFILL,), (BOOK,)]).astype(np.float32)
    both = Settings(threshold=0.3, second=0.4)
    assert fitting.whole_right(found, targets, both) == 1
    assert fitting.whole_right(found, targets, replace(both, second=0.6)) == 2
