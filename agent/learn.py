"""`firstring learn`: weights that know a practice's corrections, used only if they lose nothing.

What is learned is what this run names: the Correction table and the files given. It always begins from the
shipped weights, so that nothing is learned twice and nothing is left of what was taken back.
"""

from __future__ import annotations

import getpass
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent import settings as settings_module
from agent.corrections import Refused, Taken, of_file, of_turns, taken
from agent.learned import site_folder
from agent.learning_gates import CONTEXT, GATES, Gate, Trial, trial_of
from agent.learning_report import Printer, Report, tell_scores, tell_taken, verdict_line
from agent.preparing import keyring_of
from agent.settings import Settings
from intents import site_weights
from intents.fitting import is_whole
from intents.lessons import Lesson
from intents.relearn import Teacher
from intents.understand import MindService
from models import records
from models.domain import Expectation, Transcript
from models.engines import parse_url
from models.storage import Storage

OK, NOT_LEARNED = 0, 1
WAYS = (1.0, 0.5, 0.25)  # from the shipped weights to those that learned


@dataclass(frozen=True, slots=True)
class Wish:
    files: tuple[Path, ...] = ()
    dry_run: bool = False  # everything but writing


def against_shipped(made: Path, last: Trial | None) -> Trial:
    """New weights beside the shipped ones. Both are read, which takes seconds; ``last``: an earlier trial."""
    after = _mind(made)
    return last.of(after) if last else trial_of(_mind(site_weights.SHIPPED), after)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with: tests bring smaller ones."""

    teacher: Callable[[], Teacher] = Teacher
    compare: Callable[[Path, Trial | None], Trial] = against_shipped
    gates: Sequence[Gate] = GATES


def undo(chosen: Settings, show: Printer, *, as_json: bool) -> int:
    """Back to the weights before. Raises WeightsError where the shipped ones are in use."""
    name = site_weights.undo(site_folder(chosen))
    in_use = f"the weights {name}" if name else "the shipped weights"
    Report(show, as_json).tell({"in_use": name or "shipped"}, f"{in_use} from the next start")
    return OK


def run(chosen: Settings, wish: Wish, show: Printer, *, as_json: bool, tools: Tools | None = None) -> int:
    """Learns and puts in use, or says why not. Exit code 1: there are no new weights.

    Raises CorrectionsError for a file that cannot be read, WeightsError where the folder cannot be written.
    """
    report, tools = Report(show, as_json), tools or Tools()
    teacher = tools.teacher()
    lessons = _lessons(chosen, wish, teacher, report)
    if not lessons:
        report.tell({"written": None, "why": "nothing to learn"}, "nothing to learn: nothing was written")
        return NOT_LEARNED
    if not as_json:
        show(f"learning from {len(lessons)} corrections, beside the corpus: some minutes")
    teacher.teach(lessons)
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        trial = _as_far_as_it_loses_nothing(teacher, made, lessons, report, tools)
        if trial is None or wish.dry_run:
            why = "a dry run" if trial else "it would lose"
            report.tell({"written": None, "why": why}, f"{why}: nothing was written, the weights in use stay")
            return OK if trial else NOT_LEARNED
        _put_in_use(chosen, made, trial, len(lessons), report)
    return OK


def _as_far_as_it_loses_nothing(
    teacher: Teacher, made: Path, lessons: Sequence[Lesson], report: Report, tools: Tools
) -> Trial | None:
    """The whole way, or a part of it: ``made`` then holds its weights. None where each way loses."""
    trial = None
    for share in WAYS:
        teacher.go(share)
        teacher.save(made)
        trial = tools.compare(made, trial)
        report.tell({"way": share}, f"{share:.0%} of the way:")
        if not [*_taught(trial, lessons, report), *_judged(trial, tools.gates, report)]:
            return trial
    return None


def _mind(folder: Path) -> MindService:
    mind = MindService(folder)
    mind.load()
    return mind


# --------------------------------------------------------------------------- what is to be learned


def _lessons(chosen: Settings, wish: Wish, teacher: Teacher, report: Report) -> list[Lesson]:
    corrections, unread = of_turns(_corrected(chosen)), []
    for path in wish.files:
        found, bad = of_file(path)
        corrections += found
        unread += bad
    read = taken(corrections, settings_module.clock_of(chosen)())
    lessons, against = _uncontradicted(read, teacher)
    tell_taken(corrections, lessons, [*unread, *read.refused, *against], report)
    return lessons


def _corrected(chosen: Settings) -> list[records.CorrectedTurn]:
    """Of the database, where there is one."""
    url = parse_url(chosen.database)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return []
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        return storage.read_now(records.corrected_turns)
    finally:
        storage.close()


def _uncontradicted(read: Taken, teacher: Teacher) -> tuple[list[Lesson], list[Refused]]:
    counts = {source: teacher.contradicted(lesson) for source, lesson in read.lessons.items()}
    refused = [
        Refused(source, f"{count} known sentences say almost the same and mean something else")
        for source, count in counts.items()
        if count
    ]
    return [lesson for source, lesson in read.lessons.items() if not counts[source]], refused


# --------------------------------------------------------------------------- what it is worth


def _taught(trial: Trial, lessons: Sequence[Lesson], report: Report) -> list[str]:
    """Whether the corrections are understood better; a lesson without effect is no reason for new weights."""
    before, after = (sum(_understood(mind, one) for one in lessons) for mind in (trial.before, trial.after))
    report.tell(
        {"understood_as_corrected": [before, after], "of": len(lessons)},
        f"understood as corrected: {before} -> {after} of {len(lessons)}",
    )
    if after > before:
        return []
    report.tell(
        {"gate": "corrections", "lost": ["none more is understood"]}, "FAILED: none more is understood"
    )
    return ["corrections"]


def _understood(mind: MindService, lesson: Lesson) -> bool:
    said = mind.understand(Transcript(lesson.text, 1.0), Expectation(lesson.kind), CONTEXT).intents
    return is_whole(lesson.intents, said) if lesson.intents else not said


def _judged(trial: Trial, gates: Sequence[Gate], report: Report) -> list[str]:
    """Names of the gates that were not passed; what changed is told either way."""
    tell_scores(trial, report)
    verdicts = [gate(trial) for gate in gates]
    for verdict in verdicts:
        report.tell({"gate": verdict.gate, "lost": list(verdict.lost)}, verdict_line(verdict))
    return [verdict.gate for verdict in verdicts if verdict.lost]


def _put_in_use(chosen: Settings, made: Path, trial: Trial, lessons: int, report: Report) -> None:
    _, new = trial.scores
    name = site_weights.write(
        site_folder(chosen),
        lambda folder: _copy(made, folder),
        at=settings_module.clock_of(chosen)().isoformat(timespec="seconds"),
        by=getpass.getuser(),
        lessons=lessons,
        figures={"accuracy": round(new.accuracy, 4), "macro_f1": round(new.macro_f1, 4)},
    )
    report.tell(
        {"written": name},
        f"written: {site_folder(chosen) / name}; in use from the next start, `learn --undo` goes back",
    )


def _copy(made: Path, folder: Path) -> None:
    for name in site_weights.FILES:
        shutil.copyfile(made / name, folder / name)
