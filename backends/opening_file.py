"""Openings from a table: CSV with the columns provider, date, from, to and, where need be, visit_types.

Every line is read; what is wrong is named with the line's number in the file and how it would be right. Pure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from backends.practice import Practice
from models.schedule import Fault, Plan, ReadPlans

COLUMNS = ("provider", "date", "from", "to")
OPTIONAL = ("visit_types",)
MOST_LINES = 2_000
MOST_DAYS_AHEAD = 730
SHOWN = 40  # characters of a wrong value that are repeated
DATES, TIMES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"), ("%H:%M", "%I:%M %p", "%I:%M%p", "%H:%M:%S")


class _Wrong(Exception):
    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem, self.fix = problem, fix


def read_plans(text: str, practice: Practice, today: date) -> ReadPlans:
    """The plans of a file, and its faults."""
    lines = text.removeprefix("\ufeff").splitlines()
    begin = next((number for number, line in enumerate(lines) if line.strip()), None)
    if begin is None:
        return ReadPlans((), (Fault(1, "there is nothing in it", f"The first line is {_header()}"),))
    reader = csv.reader(
        io.StringIO("\n".join(lines[begin:])), delimiter=_delimiter(lines[begin]), strict=True
    )
    try:
        header = [name.strip().casefold().replace(" ", "_") for name in next(reader)]
        if wrong := _wrong_header(header):
            return ReadPlans((), (Fault(begin + 1, *wrong),))
        return _read(reader, header, begin, practice, today)
    except csv.Error:
        return ReadPlans(
            (), (Fault(begin + reader.line_num, "this is no CSV", "Look for an open quotation mark."),)
        )


def _read(
    reader: Iterator[list[str]], header: list[str], begin: int, practice: Practice, today: date
) -> ReadPlans:
    plans, faults = list[Plan](), list[Fault]()
    for row in reader:
        number = begin + reader.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in row):
            continue
        if len(plans) + len(faults) == MOST_LINES:
            faults.append(
                Fault(number, f"there are more than {MOST_LINES} lines", "Import the rest by itself.")
            )
            break
        try:
            plans.append(_plan(row, header, practice, today))
        except _Wrong as wrong:
            faults.append(Fault(number, wrong.problem, wrong.fix))
    if not plans and not faults:
        faults.append(Fault(begin + 1, "there is no line below the header", "Write one for each day."))
    return ReadPlans(tuple(plans), tuple(faults))


def _plan(row: list[str], header: list[str], practice: Practice, today: date) -> Plan:
    if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
        raise _Wrong("it has more values than there are columns", "Put a value with a comma into quotes.")
    values = dict(zip(header, (cell.strip() for cell in [*row, *[""] * len(header)]), strict=False))
    provider_id = _provider(values["provider"], practice)
    day = _day(values["date"], today)
    opens, closes = _time(values["from"], "from"), _time(values["to"], "to")
    if datetime.combine(day, opens) + timedelta(minutes=practice.slot_minutes) > datetime.combine(
        day, closes
    ):
        raise _Wrong(
            f"between {opens:%H:%M} and {closes:%H:%M} there is no room for an opening",
            f"An opening takes {practice.slot_minutes} minutes, and “to” is the later time.",
        )
    kinds = _visit_types(values.get("visit_types", ""), practice)
    return Plan(provider_id, day, day, opens, closes, (), kinds)


def _wrong_header(header: list[str]) -> tuple[str, str] | None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        return f"there is no column “{missing[0]}”", f"The first line is {_header()}"
    other = [name for name in header if name and name not in (*COLUMNS, *OPTIONAL)]
    if other:
        return f"“{_shown(other[0])}” is no column", f"The columns are {', '.join((*COLUMNS, *OPTIONAL))}."
    if twice := [name for name in COLUMNS if header.count(name) > 1]:
        return f"there are two columns “{twice[0]}”", "Keep one of them."
    return None


def _provider(text: str, practice: Practice) -> str:
    known = [clinician.provider for clinician in practice.clinicians]
    mine = (one for one in known if text.casefold() in (one.provider_id.casefold(), one.name.casefold()))
    if found := next(mine, None):
        return found.provider_id
    problem = f"“{_shown(text)}” is no provider of the practice" if text else "it names no provider"
    raise _Wrong(problem, f"Write one of {', '.join(one.provider_id for one in known)}.")


def _day(text: str, today: date) -> date:
    for form in DATES:
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        if not today <= day <= today + timedelta(days=MOST_DAYS_AHEAD):
            raise _Wrong(
                f"{day} is not from today to two years ahead", "Correct the day, or leave the line out."
            )
        return day
    raise _Wrong(f"“{_shown(text)}” is no date", "Write it as 2026-12-31 or 12/31/2026.")


def _time(text: str, column: str) -> time:
    for form in TIMES:
        try:
            at = datetime.strptime(text.upper(), form).time()
        except ValueError:
            continue
        if at.minute % 5 or at.second:
            raise _Wrong(f"“{column}” is {_shown(text)}", "Times go by five minutes: 08:05, 08:10.")
        return at
    raise _Wrong(f"“{column}” is “{_shown(text)}”, which is no time", "Write it as 13:30 or 1:30 PM.")


def _visit_types(text: str, practice: Practice) -> tuple[str, ...]:
    known = [rule.visit_type for rule in practice.visit_rules]
    found: list[str] = []
    for word in (part.strip() for part in text.replace("|", ";").split(";")):
        kind = next((k for k in known if word.casefold() in (k.code.casefold(), k.name.casefold())), None)
        if kind is None and word:
            codes = ", ".join(k.code for k in known)
            raise _Wrong(f"“{_shown(word)}” is no kind of visit", f"Write codes with ; between: {codes}.")
        found += [kind.code] if kind else []
    return tuple(dict.fromkeys(found))


def _delimiter(header: str) -> str:
    """Spreadsheets of some countries write semicolons or tabs."""
    return max(",;\t", key=header.count)


def _header() -> str:
    return ",".join((*COLUMNS, *OPTIONAL))


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
