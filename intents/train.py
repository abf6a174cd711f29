"""Train the network: ``python -m intents.train``. Deterministic; less than twenty minutes on two cores.

It learns from seven families of wordings in eight. On the eighth, calibration, refusal and suspicion are
chosen, and every figure of the report is measured: on the very weights that are shipped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from intents import alarms, fitting, report
from intents.alarms import AlarmRow
from intents.augment import Row, test_row
from intents.corpus import Example, examples, held_out
from intents.corpus.counting import ways
from intents.decisions import ANY_SIGN, Floats, Settings, decided, membership, probabilities, suspected
from intents.encoder import SentenceEncoder
from intents.lessons import of_epoch, of_row
from intents.network import WEIGHTS, Network
from intents.tuning import tune
from models.domain import ExpectationKind, Intent

Measured = dict[str, object]
Logits = tuple[Floats, Floats]  # of labels and of danger signs

BATCH = 64
EPOCHS = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write weights and report, print the report."""
    options = _options().parse_args(arguments)
    started = time.monotonic()
    network, measured = taught_and_measured(options.epochs)
    network.save(options.out)
    text = report.render(measured)
    options.out.with_name("report.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    sys.stderr.write(f"{(time.monotonic() - started) / 60:.1f} minutes\n")
    return 0


def taught_and_measured(epochs: int = EPOCHS) -> tuple[Network, Measured]:
    """A network with its settings, and figures of what it was not taught."""
    encoder = SentenceEncoder()
    encoder.load()
    seen, held = halves(examples())
    taught, unheard = danger_halves(alarms.rows())
    network = tune(encoder, [of_epoch(seen, taught, epoch) for epoch in range(epochs)])
    rows = [test_row(example) for example in held]
    heard, dangers = opinions(network, rows), opinions(network, danger_rows(unheard))
    network.settings = settings_for(heard, rows)
    figures = {
        "learned from": len(seen) + len(taught),
        "sentences of the corpus": len(examples()),
        "near-duplicates counted once": ways(example.text for example in examples()),
        "settings": {
            name: round(getattr(network.settings, name), 3) for name in Settings.__dataclass_fields__
        },
        "held out": report.measure(predictions(heard[0], network.settings), rows),
        "danger signs, held out": _of_dangers(network.settings, heard, rows, dangers, unheard),
    }
    return network, figures


def halves(corpus: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """What teaches, and what is held out."""
    return [one for one in corpus if not one.is_test], [one for one in corpus if one.is_test]


def danger_halves(rows: Sequence[AlarmRow]) -> tuple[list[AlarmRow], list[AlarmRow]]:
    """The same of the danger tables."""
    held = held_out("alarms", [row.family for row in rows])
    return [row for row in rows if row.family not in held], [row for row in rows if row.family in held]


def danger_rows(rows: Sequence[AlarmRow]) -> list[Row]:
    """As said to "How can I help?"."""
    return [Row(row.text, ExpectationKind.OPEN, (), row.family) for row in rows]


def opinions(network: Network, rows: Sequence[Row]) -> Logits:
    """What the network thinks of rows, each on its own."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].text))
    found: list[Logits] = []
    for start in range(0, len(order), BATCH):
        batch = [rows[at] for at in order[start : start + BATCH]]
        found.append(network.logits([row.text for row in batch], [row.kind for row in batch]))
    back = np.argsort(order)
    labels, signs = (np.vstack([one[part] for one in found])[back] for part in (0, 1))
    return labels, signs


def settings_for(heard: Logits, rows: Sequence[Row]) -> Settings:
    """Chosen on these rows: the corpus's own, which tell of no danger but where nobody has said."""
    labels, signs = heard
    harmless = [at for at, row in enumerate(rows) if of_row(row).signs == ()]
    chosen = fitting.choose_settings(labels, targets_of(rows))
    return replace(chosen, suspicion=fitting.suspicion(signs[harmless, ANY_SIGN]))


def _of_dangers(
    settings: Settings, heard: Logits, rows: Sequence[Row], dangers: Logits, told: Sequence[AlarmRow]
) -> Measured:
    harmless = [at for at, row in enumerate(rows) if of_row(row).signs == ()]
    said = [suspected(signs, settings) for signs in dangers[1]]
    return report.of_dangers(
        [(sign, row.flags) for sign, row in zip(said, told, strict=True)],
        [suspected(heard[1][at], settings) for at in harmless],
    )


def targets_of(rows: Sequence[Row]) -> Floats:
    """1 where a row asks for a label: [rows, labels]."""
    return membership([row.intents for row in rows]).astype(np.float32)


def predictions(labels: Floats, settings: Settings) -> list[report.Prediction]:
    return [report.Prediction(decided(row, settings)) for row in probabilities(labels, settings)]


def external_rows(path: Path) -> list[Row]:
    """Sentences written by others: an answer is scored as one to a yes/no question."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        intent = Intent(entry["intent"])
        is_answer = intent in (Intent.AFFIRM, Intent.DENY)
        kind = ExpectationKind.YES_NO if is_answer else ExpectationKind.OPEN
        rows.append(Row(entry["text"], kind, (intent,), "external"))
    return rows


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m intents.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="fewer for a quick look")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
