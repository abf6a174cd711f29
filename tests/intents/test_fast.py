"""The fast form of the network computes what the form that is trained computes."""

from __future__ import annotations

import numpy as np
import pytest

from intents import fast_layers
from intents.corpus import examples
from intents.decisions import Floats
from intents.encoder import MAX_TOKENS, EncoderError, SentenceEncoder
from intents.fast import FastNetwork
from intents.network import Network, stored
from models.domain import ExpectationKind

OPEN = ExpectationKind.OPEN
SAID = {
    "yes": ExpectationKind.YES_NO,
    "i'm out of my pills and i still have that cough": OPEN,
    "hi um my name is susan and i was hoping to come in some time next week if the doctor can": OPEN,
    "lisinopril": ExpectationKind.DRUG,
}
EXACT = 1e-4  # of a logit


@pytest.fixture(scope="module")
def weights() -> dict[str, Floats]:
    return stored()[0]


@pytest.fixture(scope="module")
def exact(weights: dict[str, Floats]) -> FastNetwork:
    made = FastNetwork()
    made.load(weights, is_exact=True)
    return made


def test_it_computes_what_is_trained(exact: FastNetwork, encoder: SentenceEncoder) -> None:
    trained = Network(encoder)
    trained.load()
    labels, signs = trained.logits(list(SAID), list(SAID.values()))
    for at, (text, kind) in enumerate(SAID.items()):
        own = exact.logits(text, kind)
        assert np.allclose(own[0], labels[at], atol=EXACT)
        assert np.allclose(own[1], signs[at], atol=EXACT)


def test_without_packed_weights_it_is_only_slower(
    exact: FastNetwork, weights: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_layers, "_packed", lambda weight: None)
    plain = FastNetwork()
    plain.load(weights, is_exact=True)
    for text, kind in SAID.items():
        assert np.allclose(plain.logits(text, kind)[0], exact.logits(text, kind)[0], atol=EXACT)


def test_in_half_precision_sentences_mean_the_same(
    exact: FastNetwork, weights: dict[str, Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where this processor would not choose it: then it is computed slowly."""
    import torch

    monkeypatch.setattr("intents.fast.half_type", lambda is_exact=False: torch.bfloat16)
    half = FastNetwork()
    half.load(weights)
    for example in examples()[::400]:
        one, other = exact.logits(example.text, OPEN), half.logits(example.text, OPEN)
        assert np.allclose(one[0], other[0], atol=0.25)
        assert np.allclose(one[1], other[1], atol=0.25)


def test_an_endless_text_is_read_as_far_as_the_encoder_reads(exact: FastNetwork) -> None:
    assert len(exact.pieces("i need my pills " * 500)) == MAX_TOKENS


def test_nothing_is_computed_before_the_weights_are_read() -> None:
    with pytest.raises(EncoderError, match="before it was loaded"):
        FastNetwork().logits("hello", OPEN)
