"""The encoder's tuned layers, and how mix, calibration and thresholds are chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from intents import fitting
from intents.augment import Row, epoch_rows
from intents.corpus import Example
from intents.encoder import SentenceEncoder
from intents.head import LABELS, Floats, Settings, decided, membership, probabilities
from intents.tuned import TunedLayers
from intents.tuning import tune
from models.domain import ExpectationKind, Intent

OPEN, YES_NO = ExpectationKind.OPEN, ExpectationKind.YES_NO
REFILL, BOOK, STRANGER = Intent.REFILL_REQUEST, Intent.SCHEDULE_BOOK, Intent.OUT_OF_SCOPE
LESSON = [
    Row("i need more of my pills", OPEN, (REFILL,), "a"),
    Row("refill my prescription", OPEN, (REFILL,), "b"),
    Row("can i see the doctor on friday", OPEN, (BOOK,), "c"),
    Row("i want to come in for a checkup", OPEN, (BOOK,), "d"),
    Row("susan miller", OPEN, (), "e"),
]


def logits_of(tuned: TunedLayers, encoder: SentenceEncoder, text: str) -> Floats:
    return np.asarray(tuned.logits(encoder.halfway([text]), [OPEN])[0], dtype=np.float32)


def row_with(**shares: float) -> Floats:
    row = np.full(len(LABELS), 0.01, dtype=np.float32)
    for name, share in shares.items():
        row[LABELS.index(Intent(name))] = share
    return row


# --------------------------------------------------------------------------- tuned layers


def test_layer_by_layer_is_the_whole_encoder(encoder: SentenceEncoder) -> None:
    texts = ["i need a refill", "hi um my name is susan and i was hoping to come in some time next week"]
    tokens = encoder._tokenizer(texts, padding=True, return_tensors="pt")
    whole = encoder._model(**tokens).last_hidden_state.detach()
    present = tokens["attention_mask"].unsqueeze(-1)
    means = ((whole * present).sum(1) / present.sum(1)).numpy()
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    assert np.allclose(encoder.encode(texts), expected, atol=1e-5)


def test_untaught_layers_think_every_label_rare(encoder: SentenceEncoder) -> None:
    assert np.allclose(logits_of(TunedLayers(encoder), encoder, "i need a refill"), -3.0)


def test_a_few_lessons_are_learned_and_the_same_ones_every_time(encoder: SentenceEncoder) -> None:
    epochs = [LESSON] * 20
    tuned, again = tune(encoder, epochs), tune(encoder, epochs)
    first = logits_of(tuned, encoder, "please refill my pills")
    assert LABELS[int(first.argmax())] is REFILL
    assert np.array_equal(first, logits_of(again, encoder, "please refill my pills"))
    assert LABELS[int(logits_of(tuned, encoder, "i'd like to come in").argmax())] is BOOK


def test_what_was_asked_is_learned_too(encoder: SentenceEncoder) -> None:
    lesson = [
        Row("that's all", OPEN, (Intent.GOODBYE,), "a"),
        Row("that's all", YES_NO, (Intent.DENY,), "a"),
        Row("nothing more", OPEN, (Intent.GOODBYE,), "b"),
        Row("nothing more", YES_NO, (Intent.DENY,), "b"),
    ]
    tuned = tune(encoder, [lesson] * 60)
    half = encoder.halfway(["that's all"] * 2)
    closing, answer = tuned.logits(half, [OPEN, YES_NO])
    assert LABELS[int(closing.argmax())] is Intent.GOODBYE
    assert LABELS[int(answer.argmax())] is Intent.DENY


def test_tuned_layers_come_back_as_they_were_saved(encoder: SentenceEncoder, tmp_path: Path) -> None:
    tuned, again = tune(encoder, [LESSON]), TunedLayers(encoder)
    tuned.save(tmp_path / "layers.npz")
    again.load(tmp_path / "layers.npz")
    one, other = (logits_of(layers, encoder, "i need a refill") for layers in (tuned, again))
    assert np.allclose(one, other, atol=0.02)  # half precision


def test_layers_of_another_shape_are_refused(encoder: SentenceEncoder, tmp_path: Path) -> None:
    np.savez(tmp_path / "layers.npz", other=np.zeros(3, dtype=np.float16))
    with pytest.raises(ValueError, match="do not fit"):
        TunedLayers(encoder).load(tmp_path / "layers.npz")


def test_epochs_show_the_same_sentences_in_other_circumstances() -> None:
    corpus = [
        Example(f"i need to see the doctor about my {part} on friday", (BOOK,), f"t/{part}", False)
        for part in "knee hand foot back neck ear eye hip".split()
    ]
    first, second = epoch_rows(corpus, 0), epoch_rows(corpus, 1)
    assert {row.family for row in first} >= {example.family for example in corpus}
    assert [row.text for row in first[:8]] != [row.text for row in second[:8]]
    assert all(row.intents == (BOOK,) for row in [*first[:8], *second[:8]])


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


# --------------------------------------------------------------------------- what is chosen


def opinion(wanted: list[tuple[Intent, ...]], strength: float) -> Floats:
    """Logits that know the answer with a strength."""
    targets = membership(wanted)[:, :-1].astype(np.float32)
    return np.asarray(strength * (2 * targets - 1), dtype=np.float32)


def test_the_part_that_knows_gets_the_say() -> None:
    wanted: list[tuple[Intent, ...]] = [(REFILL,), (BOOK,), (STRANGER,)] * 4
    knows, errs = opinion(wanted, 3.0), opinion(wanted[1:] + wanted[:1], 3.0)
    targets = membership(wanted)[:, :-1].astype(np.float32)
    assert fitting.choose_settings(errs, knows, targets, 0.1).blend > 0.5
    assert fitting.choose_settings(knows, errs, targets, 0.1).blend < 0.5
    assert fitting.choose_settings(knows, errs, targets, 0.1).least_likeness == 0.1


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
    targets = membership([(REFILL,), (BOOK,), (STRANGER,)])[:, :-1].astype(np.float32)
    assert fitting.worth(found, targets, 0.5) == 2 - fitting.WRONG_COSTS
    assert fitting.worth(found, targets, 0.7) == 1
    assert fitting.worth(found, targets, 0.1) == 1 - 2 * fitting.WRONG_COSTS


def test_a_threshold_refuses_few_of_our_own_callers() -> None:
    """Of ten callers of ours, all read wrongly but one, hardly any may be refused for it."""
    found = np.stack([row_with(refill_request=0.3)] * 10)
    targets = membership([(REFILL,)] + [(BOOK,)] * 9)[:, :-1].astype(np.float32)
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
    targets = membership([(REFILL,), (BOOK,)])[:, :-1].astype(np.float32)
    both = Settings(threshold=0.3, second=0.4)
    assert fitting.whole_right(found, targets, both) == 1
    assert fitting.whole_right(found, targets, replace(both, second=0.6)) == 2
