"""Tunes the network on what callers say. The same for one machine, whatever its number of cores."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from threadpoolctl import threadpool_limits

from intents.decisions import membership, signs_told
from intents.encoder import SentenceEncoder
from intents.fast_layers import half_type
from intents.lessons import Lesson
from intents.network import Network

BATCH = 96
LAYER_RATE = 3e-4
OUTPUT_RATE = 5e-3
WARM_UP = 0.1  # of the steps: rates rise, then fall to nothing
DECAY = 0.01
GREATEST_SLOPE = 1.0
SEED = 7
THREADS = 2  # over another number, sums come out otherwise
_NEW = ("looks", "output", "signs", "words")  # parts that begin from nothing
_SORTED_TOGETHER = 10  # batches: like lengths go together, so that they carry little padding


def tune(
    encoder: SentenceEncoder,
    epochs: Sequence[Sequence[Lesson]],
    network: Network | None = None,
    pace: float = 1.0,
) -> Network:
    """A network that learned from these lessons; every epoch may show the same sentences in other forms.

    ``network``: one that goes on learning, and is changed; None: a new one. ``pace`` is of the usual rates.
    """
    import torch

    network = network or Network(encoder)
    batches = [batch for epoch, lessons in enumerate(epochs) for batch in _batches(lessons, epoch)]
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    with threadpool_limits(THREADS), torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network.parts.train()
        _learn(network, batches, pace)
        network.parts.eval()
    torch.set_num_threads(before)
    return network


def _learn(network: Network, batches: Sequence[Sequence[Lesson]], pace: float) -> None:
    import torch

    optimizer, schedule = _optimizer(network, len(batches), pace)
    for batch in batches:
        optimizer.zero_grad()
        _loss(network, batch).backward()
        torch.nn.utils.clip_grad_norm_(network.parts.parameters(), GREATEST_SLOPE)
        optimizer.step()
        schedule.step()


def _loss(network: Network, batch: Sequence[Lesson]) -> Any:
    """Of labels and of signs, each over the lessons that say something about them."""
    import torch

    texts = [lesson.text for lesson in batch]
    has_half = half_type() is torch.bfloat16  # half the time; where it is emulated, fifteen times the time
    with torch.autocast("cpu", torch.bfloat16, enabled=has_half):  # the weights stay in full precision
        labels, signs = network.run(network.encoder.tokens(texts), [one.kind for one in batch], texts)
    said = _missed(labels, membership([one.intents or () for one in batch]), [one.intents for one in batch])
    told = _missed(signs, signs_told([one.signs or () for one in batch]), [one.signs for one in batch])
    return (said + told) / len(batch)


def _missed(logits: Any, targets: Any, known: Sequence[object | None]) -> Any:
    import torch

    wanted = torch.from_numpy(targets).float()
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted, reduction="none")
    return each[torch.tensor([one is not None for one in known])].sum()


def _optimizer(network: Network, steps: int, pace: float) -> tuple[Any, Any]:
    """Small steps for what is learned already, larger ones for what begins from nothing."""
    import torch

    parts = network.parts
    slow = [*parts["layers"].parameters(), *parts["asked"].parameters()]
    quick = [weight for name in _NEW for weight in parts[name].parameters()]
    groups = [{"params": slow, "lr": pace * LAYER_RATE}, {"params": quick, "lr": pace * OUTPUT_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY, fused=True)
    rising = max(1, int(WARM_UP * steps))

    def share(step: int) -> float:
        return (step + 1) / rising if step < rising else max(0, steps - step) / max(1, steps - rising)

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share)


def _batches(lessons: Sequence[Lesson], epoch: int) -> Iterator[list[Lesson]]:
    chance = random.Random(SEED + epoch)
    mixed = chance.sample(lessons, len(lessons))
    for start in range(0, len(mixed), BATCH * _SORTED_TOGETHER):
        together = sorted(mixed[start : start + BATCH * _SORTED_TOGETHER], key=lambda one: len(one.text))
        batches = [together[at : at + BATCH] for at in range(0, len(together), BATCH)]
        yield from chance.sample(batches, len(batches))
