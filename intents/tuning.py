"""Tunes the encoder's last layers on what callers say. The same for one machine and number of threads."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from intents.augment import Row
from intents.encoder import SentenceEncoder
from intents.head import membership
from intents.tuned import TunedLayers

BATCH = 48
LAYER_RATE = 2e-4
OUTPUT_RATE = 5e-3
WARM_UP = 0.1  # of the steps: rates rise, then fall to nothing
DECAY = 0.01
GREATEST_SLOPE = 1.0
SEED = 7
_SORTED_TOGETHER = 20  # batches: like lengths go together, so that they carry little padding


def tune(
    encoder: SentenceEncoder,
    epochs: Sequence[Sequence[Row]],
    tuned: TunedLayers | None = None,
    pace: float = 1.0,
) -> TunedLayers:
    """Layers that learned from these rows; every epoch may show the same sentences in other circumstances.

    ``tuned``: layers that go on learning, and are changed; None: new ones. ``pace`` is of the usual rates.
    """
    import torch

    torch.manual_seed(SEED)
    tuned = tuned or TunedLayers(encoder)
    tuned.parts.train()
    batches = [batch for epoch, rows in enumerate(epochs) for batch in _batches(rows, epoch)]
    optimizer, schedule = _optimizer(tuned, len(batches), pace)
    for batch in batches:
        optimizer.zero_grad()
        _loss(tuned, encoder, batch).backward()
        torch.nn.utils.clip_grad_norm_(tuned.parts.parameters(), GREATEST_SLOPE)
        optimizer.step()
        schedule.step()
    tuned.parts.eval()
    return tuned


def _loss(tuned: TunedLayers, encoder: SentenceEncoder, batch: Sequence[Row]) -> Any:
    import torch

    half = encoder.halfway([row.text for row in batch]).for_training()
    logits = tuned.run(half, [row.kind for row in batch])
    targets = torch.from_numpy(membership([row.intents for row in batch])[:, :-1]).float()
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(batch)


def _optimizer(tuned: TunedLayers, steps: int, pace: float) -> tuple[Any, Any]:
    """Small steps for what is learned already, larger ones for what begins from nothing."""
    import torch

    layers = [*tuned.parts["layers"].parameters(), *tuned.parts["asked"].parameters()]
    output = list(tuned.parts["output"].parameters())
    groups = [
        {"params": layers, "lr": pace * LAYER_RATE},
        {"params": output, "lr": pace * OUTPUT_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY)
    rising = max(1, int(WARM_UP * steps))

    def share(step: int) -> float:
        return (step + 1) / rising if step < rising else max(0, steps - step) / max(1, steps - rising)

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share)


def _batches(rows: Sequence[Row], epoch: int) -> Iterator[list[Row]]:
    chance = random.Random(SEED + epoch)
    mixed = chance.sample(rows, len(rows))
    for start in range(0, len(mixed), BATCH * _SORTED_TOGETHER):
        together = sorted(mixed[start : start + BATCH * _SORTED_TOGETHER], key=lambda row: len(row.text))
        batches = [together[at : at + BATCH] for at in range(0, len(together), BATCH)]
        yield from chance.sample(batches, len(batches))
