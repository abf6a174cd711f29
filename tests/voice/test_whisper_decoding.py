"""Our decode loop against openai-whisper's on the same random weights, and rows against themselves alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
import whisper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.voice.whisper_checkpoints import ENGLISH, MULTILINGUAL, WITH_CANTONESE, Shape, checkpoint
from voice.whisper_decoding import Decoded, Decoding, Job, Request, decode
from voice.whisper_model import WhisperModel

SHAPES = (
    Shape(),
    Shape(width=48, heads=3, layers=2, text_layers=2),
    Shape(vocabulary=MULTILINGUAL, width=64, heads=4),
    Shape(mels=128, vocabulary=WITH_CANTONESE, width=48, text_layers=2),
    Shape(vocabulary=MULTILINGUAL, layers=3, text_layers=3),
    Shape(mels=128, vocabulary=ENGLISH, width=64, heads=1, layers=2),
)
SEEDS = range(7 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 2)
INPUTS = 5
TOKENS = 24
CLOSE = 1e-4


def sounds(seed: int, count: int, seconds: float = 3.0) -> NDArray[np.float32]:
    """Noises of different colour and loudness, fading in and out like speech."""
    rng = np.random.default_rng(seed)
    size = int(seconds * 16_000)
    noise = rng.normal(size=(count, size)).cumsum(-1) * 0.02 + rng.normal(size=(count, size)) * 0.05
    swell = np.sin(np.linspace(0, np.pi, size) * rng.integers(1, 6, (count, 1))) ** 2
    return np.asarray(np.clip(noise, -1, 1) * swell, np.float32)


@dataclass
class Run:
    tokens: list[int]
    logits: list[torch.Tensor]  # before each token
    average: float
    no_speech: float


def by_the_package(model: WhisperModel, audio: NDArray[np.float32]) -> list[Run]:
    seen: list[torch.Tensor] = []
    decoder = model.network.decoder
    hook = decoder.register_forward_hook(lambda _module, _given, logits: seen.append(logits[:, -1].clone()))
    mels = [
        whisper.log_mel_spectrogram(
            whisper.pad_or_trim(torch.from_numpy(each)), n_mels=model.network.dims.n_mels
        )
        for each in audio
    ]
    options = whisper.DecodingOptions(
        language="en", temperature=0.0, without_timestamps=True, fp16=False, sample_len=TOKENS
    )
    results = whisper.decode(model.network, torch.stack(mels), options)
    hook.remove()
    return [
        Run(result.tokens, [step[row] for step in seen], result.avg_logprob, result.no_speech_prob)
        for row, result in enumerate(results)
    ]


def by_us(model: WhisperModel, audio: NDArray[np.float32]) -> Run:
    seen: list[torch.Tensor] = []
    to_logits = model.logits

    def recording(hidden: torch.Tensor) -> torch.Tensor:
        logits = to_logits(hidden)
        seen.append(logits[-1].clone())
        return logits

    model.logits = recording
    decoded = decode(model, Request(audio, "", 30.0, TOKENS))
    model.logits = to_logits
    return Run(list(decoded.tokens), seen, decoded.average_log_probability, decoded.no_speech)


def same_up_to_a_tie(theirs: Run, ours: Run) -> bool:
    """Logits agree at every step; True when all tokens do. A tie within the tolerance may part them."""
    for step in range(TOKENS):
        difference = float((theirs.logits[step] - ours.logits[step]).abs().max())
        assert difference < CLOSE, f"step {step}: logits differ by {difference}"
        if theirs.tokens[step] != ours.tokens[step]:
            best = theirs.logits[step][theirs.tokens[step]] - theirs.logits[step][ours.tokens[step]]
            assert float(best) < CLOSE, f"step {step}: another token was chosen"
            return False
    return True


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_with_full_context_our_greedy_decode_is_the_packages(shape: Shape, tmp_path: Path) -> None:
    """In the long form 6 shapes x 7 seeds x 5 sounds: 210 pairs of checkpoint and input, 24 tokens each."""
    compared, different = 0, set()
    for seed in SEEDS:
        model = WhisperModel(checkpoint(tmp_path / "random.pt", shape, seed))
        audio = sounds(seed, INPUTS)
        for theirs, each in zip(by_the_package(model, audio), audio, strict=True):
            ours = by_us(model, each)
            assert len(theirs.tokens) == len(ours.tokens) == TOKENS
            if same_up_to_a_tie(theirs, ours):
                compared += 1
                assert ours.average == pytest.approx(theirs.average, abs=CLOSE)
                assert ours.no_speech == pytest.approx(theirs.no_speech, abs=1e-6)
            different.add(tuple(ours.tokens))
    assert compared >= len(SEEDS) * INPUTS - 1
    assert len(different) > compared // 2, "degenerate weights: the audio changes nothing"
    assert np.mean([len(set(tokens)) for tokens in different]) > 5


# --------------------------------------------------------------------------- rows beside one another


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> WhisperModel:
    shape = Shape(width=48, heads=3, layers=2, text_layers=2)
    return WhisperModel(checkpoint(tmp_path_factory.mktemp("whisper") / "random.pt", shape, 11))


PROMPTS = ("", "Yes or no.", "My medicine: lisinopril, metformin, atorvastatin.")


def together(
    model: WhisperModel, requests: list[Request], starts: list[int], alternatives: int
) -> list[Decoded]:
    """All requests in one decoding; each joins after as many tokens of the others as ``starts`` says."""
    decoding = Decoding(model, alternatives)
    jobs: dict[int, Job] = {}
    step = 0
    while len(jobs) < len(requests) or not all(job.done for job in jobs.values()):
        for at, request in enumerate(requests):
            if at not in jobs and starts[at] <= step:
                jobs[at] = decoding.add(request)
        decoding.advance()
        step += 1
    return [decoding.result(jobs[at]) for at in range(len(requests))]


UTTERANCES = st.tuples(
    st.integers(0, 50), st.sampled_from((0.3, 1.0, 4.5, 7.0)), st.sampled_from(PROMPTS), st.integers(1, 30)
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    utterances=st.lists(st.tuples(UTTERANCES, st.integers(0, 12)), min_size=2, max_size=5),
    alternatives=st.sampled_from((0, 2)),
)
def test_an_utterance_among_others_is_decoded_as_if_alone(
    model: WhisperModel, utterances: list[tuple[tuple[int, float, str, int], int]], alternatives: int
) -> None:
    requests = [
        Request(sounds(seed, 1, seconds)[0], prompt, max(5.0, seconds + 1), limit)
        for (seed, seconds, prompt, limit), _ in utterances
    ]
    beside = together(model, requests, [start for _, start in utterances], alternatives)
    for request, found in zip(requests, beside, strict=True):
        alone = decode(model, request, alternatives)
        assert found.tokens == alone.tokens
        assert found.alternatives == alone.alternatives
        assert found.logged == pytest.approx(alone.logged, abs=CLOSE)
        assert found.no_speech == pytest.approx(alone.no_speech, abs=1e-6)


def test_alternatives_leave_the_best_text_as_it_is_and_differ_from_it(model: WhisperModel) -> None:
    request = Request(sounds(3, 1)[0], "", 5.0, 20)
    best, more = decode(model, request), decode(model, request, alternatives=2)
    assert more.tokens == best.tokens
    assert best.alternatives == ()
    assert 1 <= len(more.alternatives) <= 2
    assert more.text not in more.alternatives


def test_an_utterance_called_off_leaves_the_others_alone(model: WhisperModel) -> None:
    requests = [Request(sounds(seed, 1)[0], "", 5.0, 12) for seed in (1, 2, 3)]
    decoding = Decoding(model)
    jobs = [decoding.add(request) for request in requests]
    decoding.advance()
    decoding.drop(jobs[1])
    while not (jobs[0].done and jobs[2].done):
        decoding.advance()
    for at in (0, 2):
        assert decoding.result(jobs[at]).tokens == decode(model, requests[at]).tokens


def test_the_window_is_as_long_as_asked_and_the_text_never_longer_than_allowed(model: WhisperModel) -> None:
    audio = sounds(1, 1)[0]
    assert model.encode(audio, 5.0).shape[1] == 250
    assert model.encode(audio, 30.0).shape[1] == 1_500
    assert len(decode(model, Request(audio, PROMPTS[2], 5.0, 7)).tokens) == 7
    assert len(decode(model, Request(audio, PROMPTS[2], 5.0, 10_000)).tokens) <= 448


# --------------------------------------------------------------------------- other arithmetic


@pytest.mark.parametrize(("precision", "near"), [("bf16", 0.15), ("int8", 0.15)])
def test_less_precise_arithmetic_stays_near(precision: str, near: float, tmp_path: Path) -> None:
    """On random weights: the first token's probabilities, and texts that are as long."""
    path = checkpoint(tmp_path / "random.pt", Shape(width=64, heads=4, layers=2, text_layers=2), 4)
    exact, rough = WhisperModel(path), WhisperModel(path, precision=precision)
    for audio in sounds(9, 4):
        request = Request(audio, PROMPTS[1], 5.0, 12)
        one, other = first_logits(exact, request), first_logits(rough, request)
        assert float((one - other).abs().mean() / one.std()) < near
        assert float((one - other).abs().max()) > 0, "nothing was changed"
        found = decode(rough, request)
        assert np.isfinite(found.average_log_probability)
        assert 1 <= len(found.tokens) <= 12


@torch.inference_mode()
def first_logits(model: WhisperModel, request: Request) -> torch.Tensor:
    tokens = [*model.prompt_tokens(request.prompt), *model.start]
    return model.logits(
        model.decoder.read(tokens, model.encode(request.audio, request.context_s)).hidden[-1:]
    )[0]
