"""The fast form of encoder and tuned layers computes what the form that is trained computes."""

from __future__ import annotations

import numpy as np
import pytest

from intents import fast_layers, head
from intents.corpus import examples
from intents.encoder import DIMENSIONS, MAX_TOKENS, EncoderError, SentenceEncoder
from intents.fast import Computed, FastEncoder, Likeness
from intents.head import Floats
from intents.tuned import TunedLayers, stored
from models.domain import ExpectationKind

SAID = [
    "yes",
    "i'm out of my pills and i still have that cough",
    "hi um my name is susan and i was hoping to come in some time next week if the doctor has anything",
]
KINDS = [ExpectationKind.YES_NO, ExpectationKind.OPEN, ExpectationKind.DRUG]
EXACT = 1e-4  # of a logit, of a coordinate


@pytest.fixture(scope="module")
def weights() -> dict[str, Floats]:
    return stored()


@pytest.fixture(scope="module")
def exact(weights: dict[str, Floats]) -> FastEncoder:
    made = FastEncoder()
    made.load(weights, is_exact=True)
    return made


@pytest.fixture(scope="module")
def trained(encoder: SentenceEncoder) -> TunedLayers:
    tuned = TunedLayers(encoder)
    tuned.load()
    return tuned


def alike(one: Computed, other: Computed, within: float) -> bool:
    return np.allclose(one.vectors, other.vectors, atol=within) and all(
        np.allclose(said, other.outputs[name], atol=within) for name, said in one.outputs.items()
    )


def test_it_computes_what_is_trained(
    exact: FastEncoder, trained: TunedLayers, encoder: SentenceEncoder
) -> None:
    half = encoder.halfway(SAID)
    expected = Computed(encoder.finish(half), {"output": trained.logits(half, KINDS)})
    assert alike(expected, exact.compute(SAID, KINDS), EXACT)


def test_a_text_is_the_same_alone_and_beside_others(exact: FastEncoder) -> None:
    together = exact.compute(SAID, KINDS)
    for at, (text, kind) in enumerate(zip(SAID, KINDS, strict=True)):
        alone = exact.compute([text], [kind])
        assert np.allclose(alone.vectors[0], together.vectors[at], atol=EXACT)
        assert np.allclose(alone.outputs["output"][0], together.outputs["output"][at], atol=EXACT)


def test_without_packed_weights_it_is_only_slower(
    exact: FastEncoder, weights: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_layers, "_packed", lambda weight: None)
    plain = FastEncoder()
    plain.load(weights, is_exact=True)
    assert alike(plain.compute(SAID, KINDS), exact.compute(SAID, KINDS), EXACT)


def test_in_half_precision_sentences_mean_the_same(
    exact: FastEncoder, weights: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where this processor would not choose it: then it is computed slowly."""
    import torch

    monkeypatch.setattr("intents.fast.half_type", lambda is_exact=False: torch.bfloat16)
    half = FastEncoder()
    half.load(weights)
    texts = [example.text for example in examples()[::300]]
    kinds = [ExpectationKind.OPEN] * len(texts)
    one, other = exact.compute(texts, kinds), half.compute(texts, kinds)
    assert float((one.vectors * other.vectors).sum(axis=1).min()) > 0.9995
    assert np.allclose(one.outputs["output"], other.outputs["output"], atol=0.15)


def test_an_endless_text_is_read_as_far_as_the_encoder_reads(exact: FastEncoder) -> None:
    pieces = exact.pieces(["i need my pills " * 500])
    assert [len(text) for text in pieces] == [MAX_TOKENS]


def test_further_outputs_stand_beside_the_first(weights: dict[str, Floats], exact: FastEncoder) -> None:
    more = {
        "alarm.weight": np.zeros((27, DIMENSIONS), np.float32),
        "alarm.bias": np.arange(27.0, dtype=np.float32),
    }
    made = FastEncoder()
    made.load({**weights, **more}, is_exact=True)
    outputs = made.compute(SAID, KINDS).outputs
    assert np.array_equal(outputs["alarm"], np.tile(np.arange(27.0), (len(SAID), 1)))
    assert np.allclose(outputs["output"], exact.compute(SAID, KINDS).outputs["output"], atol=EXACT)


@pytest.mark.parametrize("missing", ["layers.2", "asked", "output"])
def test_layers_of_another_shape_are_refused(weights: dict[str, Floats], missing: str) -> None:
    fewer = {name: numbers for name, numbers in weights.items() if not name.startswith(missing)}
    with pytest.raises(ValueError, match="do not fit"):
        FastEncoder().load(fewer)


def test_nothing_is_computed_before_the_weights_are_read() -> None:
    with pytest.raises(EncoderError, match="before it was loaded"):
        FastEncoder().compute(["hello"], [ExpectationKind.OPEN])


# --------------------------------------------------------------------------- likeness to the corpus


def test_likeness_is_the_cosine_to_each_sentence() -> None:
    known = head.load()
    some = known.corpus[:3]
    assert np.allclose(Likeness(known.corpus, is_exact=True)(some), some @ known.corpus.T, atol=1e-5)
    assert np.allclose(Likeness(known.corpus)(some), some @ known.corpus.T, atol=4e-3)
    assert np.allclose(known.likeness(some), some @ known.corpus.T, atol=1e-5)


def test_a_label_is_spoken_for_by_its_nearest_few() -> None:
    member = np.zeros((5, 3), dtype=np.bool_)
    member[:4, 0] = member[1:3, 1] = (
        True  # four sentences, two of them with a second label; the third has none
    )
    alike_each = np.array([[0.1, 0.9, 0.5, 0.7, 1.0]], dtype=np.float32)
    assert head.by_label(alike_each, member)[0].tolist() == pytest.approx([0.9, 0.7, 0.9, 0.7, 0.0, 0.0])
    apart = head.by_label(-alike_each, member)[0].tolist()
    assert apart == pytest.approx([-0.1, -(0.1 + 0.5 + 0.7) / 3, -0.5, -0.7, 0.0, 0.0])
