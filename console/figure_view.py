"""Figures as staff read them: each with what exactly it counts, as tables that any reader can walk."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from console import wording
from console.figures import Counted, Figures, Worked
from console.home import Figure
from console.intent_words import WISHES
from models.domain import Disposition, Intent, TaskKind

NOTHING_ASKED = "nothing understood"
STEPS_MS = (250, 500, 750, 1_000, 1_500, 2_000, 3_000)  # upper ends of the bars of reply times
NO_VALUE = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """``rows``: a name and its cells, in the order of ``heads``. ``what`` says what is counted."""

    name: str
    what: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """Of a plot 100 high. ``label`` names it, ``value`` says how much."""

    label: str
    value: int
    x: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars side by side; ``table`` holds the same for who does not see them. ``bar``: their width."""

    bars: tuple[Bar, ...]
    bar: float
    highest: int
    table: Table


@dataclass(frozen=True, slots=True)
class FigureView:
    heads: tuple[Figure, ...]
    plots: tuple[Plot, ...]
    tables: tuple[Table, ...]
    uncounted: int  # calls that ended and are not counted yet


def view(figures: Figures, now: datetime, zone: ZoneInfo) -> FigureView:
    ended = figures.ended
    tables = (_by_wish(ended), _by_reason(figures.transfers), _in_time(figures.tasks, now), _dangers(ended))
    uncounted = sum(call.wish is None for call in ended)
    return FigureView(_heads(figures), (_by_day(figures.calls, zone), _replies(ended)), tables, uncounted)


# --------------------------------------------------------------------------- single figures


def _heads(figures: Figures) -> tuple[Figure, ...]:
    ended = figures.ended
    return (
        Figure("Calls", f"{len(figures.calls):,}", "calls that came in"),
        _of("Done by the agent", ended, Disposition.COMPLETED, "what was wanted was done, without a person"),
        _of("Put through", ended, Disposition.TRANSFERRED, "a person took the call over"),
        _of("Danger signs", ended, Disposition.ESCALATED, "a danger sign was found, and staff were told"),
        _of("Hung up early", ended, Disposition.ABANDONED, "the caller hung up before anything was settled"),
        _spread(
            "Answered after", [call.answered_ms for call in ended], "from arrival to the stored greeting"
        ),
        _spread(
            "Reply after", replies_ms(ended), "from the end of listening to our first sound, each answer"
        ),
        _spread(
            "In the chart after", [_lag_ms(call) for call in ended], "from the end of the call to its note"
        ),
        _satisfaction(ended),
        _languages(figures.tasks, ended),
    )


def _of(name: str, ended: Sequence[Counted], disposition: Disposition, what: str) -> Figure:
    count = sum(call.disposition == disposition.value for call in ended)
    return Figure(name, f"{count:,} ({share(count, len(ended))})", f"ended calls in which {what}")


def _spread(name: str, values_ms: Iterable[float | None], what: str) -> Figure:
    known = sorted(value for value in values_ms if value is not None)
    if not known:
        return Figure(name, NO_VALUE, what)
    half, most = (span(percentile(known, part)) for part in (0.5, 0.95))
    return Figure(name, f"{half} / {most}", f"{what}: half within the first, 95 % within the second")


def _satisfaction(ended: Sequence[Counted]) -> Figure:
    scores = [call.satisfaction for call in ended if call.satisfaction is not None]
    value = f"{sum(scores) / len(scores):.1f} of 5" if scores else NO_VALUE
    return Figure("Callers’ score", value, f"mean of the {len(scores):,} who answered; nobody has to")


def _languages(tasks: Sequence[Worked], ended: Sequence[Counted]) -> Figure:
    asked = sum(task.kind == TaskKind.LANGUAGE_LINE.value for task in tasks)
    what = "calls handed to staff because the caller speaks another language"
    return Figure("Another language", f"{asked:,} ({share(asked, len(ended))})", what)


def replies_ms(calls: Iterable[Counted]) -> list[float]:
    return [float(ms) for call in calls for ms in (call.replies_ms or "").split()]


def _lag_ms(call: Counted) -> float | None:
    if call.note_at is None or call.ended is None:
        return None
    return max(0.0, (call.note_at - call.ended).total_seconds() * 1_000)


def percentile(ordered: Sequence[float], part: float) -> float:
    """By nearest rank: the least value that ``part`` of them do not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def share(count: int, of: int) -> str:
    return f"{count / of:.0%}" if of else NO_VALUE


def span(ms: float) -> str:
    return (
        f"{ms:,.0f} ms"
        if ms < 1_000
        else wording.duration(ms / 1_000)
        if ms >= 60_000
        else f"{ms / 1_000:.1f} s"
    )


# --------------------------------------------------------------------------- tables

_ENDS = (
    (Disposition.COMPLETED, "done"),
    (Disposition.MESSAGE_TAKEN, "message"),
    (Disposition.TRANSFERRED, "put through"),
    (Disposition.ESCALATED, "danger"),
    (Disposition.IDENTITY_FAILED, "not identified"),
    (Disposition.ABANDONED, "hung up"),
    (Disposition.NO_INPUT, "silent"),
    (Disposition.STAFF_ENDED, "ended by staff"),
    (Disposition.FAILED, "failed"),
)


def _by_wish(ended: Sequence[Counted]) -> Table:
    ends: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for call in ended:
        ends[call.wish or ""][call.disposition] += 1
    rows = []
    for wish, counts in sorted(ends.items(), key=lambda one: (-one[1].total(), one[0])):
        done, total = counts[Disposition.COMPLETED.value], counts.total()
        rows.append(
            (wish_words(wish), f"{total:,}", share(done, total), *(f"{counts[e.value]:,}" for e, _ in _ENDS))
        )
    heads = ("First wish", "Calls", "Done by the agent", *(name for _, name in _ENDS))
    what = "Ended calls by the first thing that was asked for, and how they ended."
    return Table("What callers want", what, heads, tuple(rows))


def wish_words(wish: str) -> str:
    if not wish:
        return NOTHING_ASKED
    return WISHES[Intent(wish)] if wish in set(Intent) else wish.replace("_", " ")


def _by_reason(transfers: Iterable[tuple[str, int, int]]) -> Table:
    rows = tuple(
        (reason or NO_VALUE, f"{n:,}", f"{taken:,}", share(taken, n)) for reason, n, taken in transfers
    )
    what = "How often a person was looked for while the caller waited, and how often one took the call."
    return Table("Why callers are put through", what, ("Reason", "Looked for", "Taken", "Share"), rows)


def _in_time(tasks: Sequence[Worked], now: datetime) -> Table:
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for task in tasks:
        kinds[task.kind][_how(task, now)] += 1
    rows = []
    for kind, counts in sorted(kinds.items(), key=lambda one: (-one[1].total(), one[0])):
        judged = counts["in time"] + counts["late"] + counts["overdue"]
        cells = (f"{counts[how]:,}" for how in ("in time", "late", "overdue", "open"))
        rows.append(
            (wording.task_kind(kind), f"{counts.total():,}", share(counts["in time"], judged), *cells)
        )
    heads = ("Task", "Made", "In time", "done in time", "done late", "open and overdue", "open, not yet due")
    what = "Tasks made in these days. In time: of those done or overdue, the share done by their due time."
    return Table("Service levels", what, heads, tuple(rows))


def _how(task: Worked, now: datetime) -> str:
    if task.done_at is None:
        return "overdue" if task.due_at is not None and task.due_at < now else "open"
    return "late" if task.due_at is not None and task.done_at > task.due_at else "in time"


def _dangers(ended: Sequence[Counted]) -> Table:
    found: Counter[str] = Counter()
    reviewed: Counter[str] = Counter()
    for call in ended:
        flags = call.red_flag_ids.split()
        found.update(flags)
        reviewed.update(flags if call.reviewed_at else ())
    rows = tuple(
        (flag, f"{n:,}", f"{reviewed[flag]:,}", share(reviewed[flag], n)) for flag, n in sorted(found.items())
    )
    what = "Ended calls with a danger sign, and how many of them staff have marked as reviewed."
    return Table("Danger signs", what, ("Sign", "Calls", "Reviewed", "Share"), rows)


# --------------------------------------------------------------------------- plots


def _by_day(calls: Sequence[Counted], zone: ZoneInfo) -> Plot:
    days = Counter(call.started.astimezone(zone).date() for call in calls)
    counted = [(f"{day:%b} {day.day}", days[day]) for day in sorted(days)]
    return _plot("Calls a day", "Calls that came in, by day in the practice’s time.", "Day", "Calls", counted)


def _replies(ended: Sequence[Counted]) -> Plot:
    steps = Counter(_step(ms) for ms in replies_ms(ended))
    names = [f"up to {span(end)}" for end in STEPS_MS] + ["longer"]
    counted = [(name, steps[number]) for number, name in enumerate(names)] if steps else []
    what = "From the end of listening to our first sound, every answer of these calls."
    return _plot("How fast the agent answers", what, "Time", "Answers", counted)


def _step(ms: float) -> int:
    return bisect_left(STEPS_MS, ms)


def _plot(name: str, what: str, head: str, unit: str, counted: Sequence[tuple[str, int]]) -> Plot:
    table = Table(name, what, (head, unit), tuple((label, f"{value:,}") for label, value in counted))
    highest = max((value for _, value in counted), default=0)
    width = 100 / max(len(counted), 1)
    bars = tuple(
        Bar(label, value, round(number * width, 2), round(100 * value / highest, 1) if highest else 0.0)
        for number, (label, value) in enumerate(counted)
    )
    return Plot(bars, round(width * 0.8, 2), highest, table)
