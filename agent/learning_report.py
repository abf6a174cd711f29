"""What a run of `firstring learn` found, told as it becomes known: lines for a person, or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.corrections import Correction, Refused
from agent.learning_gates import Trial, Verdict
from intents.lessons import Lesson
from models.domain import Intent

Printer = Callable[[Any], None]
SHOWN = 20  # of a list, for a person
NOTICED = 0.005  # of a label's F1


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found, as JSON; every part is told once it is known."""

    show: Printer
    as_json: bool

    def tell(self, part: Mapping[str, Any], *lines: str) -> None:
        if self.as_json:
            self.show(dict(part))
        else:
            for line in lines:
                self.show(line)


def tell_taken(
    corrections: Sequence[Correction], lessons: Sequence[Lesson], refused: Sequence[Refused], report: Report
) -> None:
    lines = [f"   not learned: {one.source}: {one.why}" for one in refused[:SHOWN]]
    if len(refused) > SHOWN:
        lines.append(f"   and {len(refused) - SHOWN} more; --json lists all")
    report.tell(
        {
            "corrections": len(corrections),
            "lessons": len(lessons),
            "not_learned": [{"source": one.source, "why": one.why} for one in refused],
        },
        f"{len(corrections)} corrections: {len(lessons)} to learn, {len(refused)} not",
        *lines,
    )


def verdict_line(verdict: Verdict) -> str:
    return f"FAILED: {verdict.gate}: {'; '.join(verdict.lost)}" if verdict.lost else f"passed: {verdict.gate}"


def tell_scores(trial: Trial, report: Report) -> None:
    old, new = trial.scores
    right, wrong = trial.flipped(to_right=True), trial.flipped(to_right=False)
    f1 = {label: (old.f1[label], new.f1[label]) for label in old.f1}
    report.tell(
        {
            "accuracy": [round(old.accuracy, 4), round(new.accuracy, 4)],
            "macro_f1": [round(old.macro_f1, 4), round(new.macro_f1, 4)],
            "labels": {label.value: [round(a, 4), round(b, 4)] for label, (a, b) in f1.items() if a != b},
            "newly_right": right,
            "newly_wrong": wrong,
        },
        f"frozen test half: accuracy {old.accuracy:.4f} -> {new.accuracy:.4f}, "
        f"macro-F1 {old.macro_f1:.4f} -> {new.macro_f1:.4f}",
        *_label_lines(f1),
        f"   newly right: {_numbers(right)}",
        f"   newly wrong: {_numbers(wrong)}",
    )


def _label_lines(f1: Mapping[Intent, tuple[float, float]]) -> list[str]:
    changed = sorted(f1.items(), key=lambda pair: pair[1][0] - pair[1][1])
    return [
        f"   {'better' if new > old else 'worse'}: {label.value} {old:.3f} -> {new:.3f}"
        for label, (old, new) in changed
        if abs(new - old) >= NOTICED
    ]


def _numbers(numbers: Sequence[int]) -> str:
    """Sentences by their number in the frozen half, whose words are not for reading."""
    more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f"{len(numbers)} sentences" + (
        f", numbers {', '.join(map(str, numbers[:SHOWN]))}{more}" if numbers else ""
    )
