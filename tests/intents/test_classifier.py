"""The corpus, the network on sentences it has not seen, and what it is made from."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from intents import alarms, frozen, network, report
from intents.augment import epoch_rows, noisy
from intents.classifier import Classifier
from intents.corpus import as_spoken, examples, sentences
from intents.encoder import EncoderError, SentenceEncoder, check_weights, weights_folder
from intents.frozen import scoring
from intents.train import external_rows
from intents.understand import MindService
from models.domain import Context, ExpectationKind, Intent, Transcript

OTHERS = Path(__file__).parents[2].parent / "shared" / "evaldata" / "intents" / "utterances.jsonl"
MAIN = (
    "refill_request schedule_book schedule_reschedule schedule_cancel schedule_lookup symptom_report "
    "human_agent message_for_provider office_info results_inquiry billing_question affirm deny out_of_scope"
)


def test_every_label_has_its_sentences() -> None:
    counts = Counter(intent.value for example in examples() for intent in example.intents)
    assert all(counts[label] >= 60 for label in MAIN.split())
    assert all(counts[intent.value] >= 25 for intent in Intent)


def test_no_sentence_and_no_family_stands_on_both_sides() -> None:
    seen = [example for example in examples() if not example.is_test]
    held = [example for example in examples() if example.is_test]
    assert not {example.family for example in seen} & {example.family for example in held}
    assert not {example.text for example in seen} & {example.text for example in held}
    assert 0.08 < len(held) / (len(held) + len(seen)) < 0.18


def test_a_sample_of_the_frozen_half_is_understood(mind: MindService, context: Context) -> None:
    """Never one by one."""
    answers = [
        (case, mind.understand(Transcript(case.text, 1.0), case.expectation, context).intents)
        for case in frozen.cases()[::24]
    ]
    measured = scoring.score(answers)
    assert measured.accuracy >= 0.80
    assert measured.macro_f1 >= 0.78


def test_the_report_tells_of_families_that_were_held_out() -> None:
    text = network.WEIGHTS.with_name("report.md").read_text(encoding="utf-8")
    held = text[text.index("## held out") :]
    assert float(found(r"- accuracy: ([0-9.]+)", held)) >= 0.80
    assert float(found(r"- macro-F1: ([0-9.]+)", held)) >= 0.78
    assert float(found(r"- calibration error \(ECE\): ([0-9.]+)", held)) <= 0.12


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, pattern
    return match.group(1)


def test_sentences_of_others_are_understood(mind: MindService) -> None:
    if not OTHERS.exists():
        pytest.skip(f"external sentences are not here: {OTHERS.name}")
    rows = external_rows(OTHERS)[::4]
    made = [report.Prediction(mind.classifier.score(row.text, row.kind).intents) for row in rows]
    assert float(str(report.measure(made, rows)["accuracy"])) >= 0.68


def test_the_shipped_report_is_of_these_weights(mind: MindService) -> None:
    settings = mind.classifier.settings
    assert settings is not None
    text = network.WEIGHTS.with_name("report.md").read_text(encoding="utf-8")
    assert float(found(r"- threshold: ([0-9.]+)", text)) == round(settings.threshold, 3)
    assert float(found(r"- shift: (-?[0-9.]+)", text)) == round(settings.shift, 3)
    taught, rows = int(found(r"- learned from: (\d+)", text)), (*examples(), *alarms.rows())
    assert 0.8 * len(rows) < taught < len(rows)


def test_the_report_tells_how_often_a_danger_is_suspected() -> None:
    text = network.WEIGHTS.with_name("report.md").read_text(encoding="utf-8")
    assert float(found(r"- suspected: ([0-9.]+)", text)) >= 0.75
    assert float(found(r"- ordinary sentences asked about: ([0-9.]+)", text)) <= 0.01


def test_the_shipped_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in network.WEIGHTS.parent.iterdir()) <= 25_000_000


def test_training_rows_are_the_same_every_time() -> None:
    some = examples()[::40]
    assert epoch_rows(some, 1) == epoch_rows(some, 1)
    assert noisy("i need a refill of my lisinopril", ["reef", "fill"]) == noisy(
        "i need a refill of my lisinopril", ["reef", "fill"]
    )


def test_sentences_for_the_language_model() -> None:
    said = sentences(
        names=["Ann O'Lee"], drugs=["Toprol XL"], providers=["Doctor Quux"], pharmacies=["Zeta Drugs"]
    )
    assert len(said) >= 3_000
    assert len(said) == len(set(said))
    assert all(re.fullmatch(r"[a-z' ]+", sentence) for sentence in said)
    for word in (
        "ann o'lee",
        "toprol xl",
        "doctor quux",
        "zeta drugs",
        "march",
        "nineteen",
        "the second one",
    ):
        assert sum(word in sentence for sentence in said) >= 2
    assert said == sentences(
        names=["Ann O'Lee"], drugs=["Toprol XL"], providers=["Doctor Quux"], pharmacies=["Zeta Drugs"]
    )


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Refill, 10 mg!", "refill ten mg"),
        ("the 3rd", "the third"),
        ("5550142", "five five five zero one four two"),
    ],
)
def test_written_text_as_a_recogniser_writes_it(written: str, spoken: str) -> None:
    assert as_spoken(written) == spoken


def test_foreign_encoder_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not these")
    with pytest.raises(EncoderError, match="sha256"):
        check_weights(tmp_path)
    monkeypatch.setattr("intents.encoder.PACKAGE", "no_such_package_at_all")
    with pytest.raises(EncoderError, match="not installed"):
        weights_folder()
    with pytest.raises(EncoderError, match="before it was loaded"):
        SentenceEncoder().tokens(["hello"])
    with pytest.raises(RuntimeError, match="before load"):
        Classifier().score("hello", ExpectationKind.OPEN)


def test_external_sentences_are_read(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps({"text": "yes", "intent": "affirm"}) + "\n", encoding="utf-8")
    assert external_rows(path)[0].kind is ExpectationKind.YES_NO
