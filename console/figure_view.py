"""Figures as staff read them: each with what exactly it counts, as tables that any reader can walk."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console import wording
from console.figures import IN_TIME, LATE, OPEN, OVERDUE, Figures
from console.home import Figure
from console.intent_words import WISHES
from models.call_figures import QUARTER_S
from models.domain import Disposition, Intent, TaskKind

NOTHING_ASKED = "nothing understood"
STEPS_MS = (250, 500, 750, 1_000, 1_500, 2_000, 3_000)  # upper ends of the bars of reply times
NO_VALUE = "–"
FEWEST_BARS = 8  # leave room for: one day alone is no wall


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


def view(figures: Figures, zone: ZoneInfo) -> FigureView:
    tables = (_by_wish(figures), _by_reason(figures.transfers), _in_time(figures.tasks), _dangers(figures))
    uncounted = sum(count for (wish, _), count in figures.ends.items() if wish is None)
    return FigureView(_heads(figures), (_by_day(figures, zone), _replies(figures)), tables, uncounted)


# --------------------------------------------------------------------------- single figures


def _heads(figures: Figures) -> tuple[Figure, ...]:
    times = figures.times
    return (
        Figure("Calls", f"{figures.came:,}", "calls that came in"),
        _of(
            "Done by the agent", figures, Disposition.COMPLETED, "what was wanted was done, without a person"
        ),
        _of("Put through", figures, Disposition.TRANSFERRED, "a person took the call over"),
        _of("Danger signs", figures, Disposition.ESCALATED, "a danger sign was found, and staff were told"),
        _of(
            "Hung up early", figures, Disposition.ABANDONED, "the caller hung up before anything was settled"
        ),
        _spread("Answered after", times.answered, "from arrival to the stored greeting"),
        _spread("Reply after", times.replies, "from the end of listening to our first sound, each answer"),
        _spread("In the chart after", times.notes, "from the end of the call to its note"),
        _satisfaction(figures),
        _languages(figures),
    )


def _of(name: str, figures: Figures, disposition: Disposition, what: str) -> Figure:
    count = figures.that_ended(disposition.value)
    return Figure(name, f"{count:,} ({share(count, figures.ended)})", f"ended calls in which {what}")


def _spread(name: str, ordered_ms: Sequence[float], what: str) -> Figure:
    if not ordered_ms:
        return Figure(name, NO_VALUE, what)
    half, most = (span(percentile(ordered_ms, part)) for part in (0.5, 0.95))
    return Figure(name, f"{half} / {most}", f"{what}: half within the first, 95 % within the second")


def _satisfaction(figures: Figures) -> Figure:
    count, mean = figures.scores
    value = f"{mean:.1f} of 5" if count else NO_VALUE
    return Figure("Callers’ score", value, f"mean of the {count:,} who answered; nobody has to")


def _languages(figures: Figures) -> Figure:
    asked = figures.tasks.get(TaskKind.LANGUAGE_LINE.value, Counter()).total()
    what = "calls handed to staff because the caller speaks another language"
    return Figure("Another language", f"{asked:,} ({share(asked, figures.ended)})", what)


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


def _by_wish(figures: Figures) -> Table:
    wishes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (wish, disposition), count in figures.ends.items():
        wishes[wish or ""][disposition] += count
    rows = []
    for wish, counts in _most_first(wishes):
        done, total = counts[Disposition.COMPLETED.value], counts.total()
        ends = (f"{counts[each.value]:,}" for each, _ in _ENDS)
        rows.append((wish_words(wish), f"{total:,}", share(done, total), *ends))
    heads = ("First wish", "Calls", "Done by the agent", *(name for _, name in _ENDS))
    what = "Ended calls by the first thing that was asked for, and how they ended."
    return Table("What callers want", what, heads, tuple(rows))


def _most_first(counted: Mapping[str, Counter[str]]) -> list[tuple[str, Counter[str]]]:
    return sorted(counted.items(), key=lambda one: (-one[1].total(), one[0]))


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


def _in_time(tasks: Mapping[str, Counter[str]]) -> Table:
    rows = []
    for kind, counts in _most_first(tasks):
        judged = counts[IN_TIME] + counts[LATE] + counts[OVERDUE]
        cells = (f"{counts[how]:,}" for how in (IN_TIME, LATE, OVERDUE, OPEN))
        rows.append((wording.task_kind(kind), f"{counts.total():,}", share(counts[IN_TIME], judged), *cells))
    heads = ("Task", "Made", "In time", "done in time", "done late", "open and overdue", "open, not yet due")
    what = "Tasks made in these days. In time: of those done or overdue, the share done by their due time."
    return Table("Service levels", what, heads, tuple(rows))


def _dangers(figures: Figures) -> Table:
    rows = tuple(
        (sign, f"{count:,}", f"{reviewed:,}", share(reviewed, count))
        for sign, (count, reviewed) in sorted(figures.dangers.items())
    )
    what = "Ended calls with a danger sign, and how many of them staff have marked as reviewed."
    return Table("Danger signs", what, ("Sign", "Calls", "Reviewed", "Share"), rows)


# --------------------------------------------------------------------------- plots


def _by_day(figures: Figures, zone: ZoneInfo) -> Plot:
    days: Counter[date] = Counter()
    for quarter, count in figures.quarters.items():
        days[datetime.fromtimestamp(quarter * QUARTER_S, zone).date()] += count
    counted = [(f"{day:%b} {day.day}", days[day]) for day in sorted(days)]
    what = "Calls that have ended, by the day on which they came, in the practice’s time."
    return _plot("Calls a day", what, "Day", "Calls", counted)


def _replies(figures: Figures) -> Plot:
    replies = figures.times.replies
    ends = [0, *(bisect_right(replies, step) for step in STEPS_MS), len(replies)]
    names = [*(f"up to {span(end)}" for end in STEPS_MS), "longer"]
    counted = [(name, after - before) for name, before, after in zip(names, ends, ends[1:], strict=False)]
    what = "From the end of listening to our first sound, every answer of these calls."
    return _plot("How fast the agent answers", what, "Time", "Answers", counted if replies else [])


def _plot(name: str, what: str, head: str, unit: str, counted: Sequence[tuple[str, int]]) -> Plot:
    table = Table(name, what, (head, unit), tuple((label, f"{value:,}") for label, value in counted))
    highest = max((value for _, value in counted), default=0)
    width = 100 / max(len(counted), FEWEST_BARS)
    bars = tuple(
        Bar(label, value, round(number * width, 2), round(100 * value / highest, 1) if highest else 0.0)
        for number, (label, value) in enumerate(counted)
    )
    return Plot(bars, round(width * 0.8, 2), highest, table)
