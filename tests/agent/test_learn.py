"""`firstring learn`: what loses is refused, what is learned is used from then on, and can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer.testing

from agent import learned, settings
from agent.cli import app
from agent.doctor.files import learned_weights
from agent.learn import Tools, Wish, run, undo
from agent.learning_gates import Trial, frozen_gate, person_and_symptom_gate
from agent.settings import Settings
from agent.worker_services import mind_service
from intents.frozen import Case
from intents.lessons import Lesson
from intents.relearn import Teacher
from intents.site_weights import FILES
from intents.understand import MindService
from models.domain import Context, Expectation, Intent, Transcript, Understanding

FIX = {"text": "scratch me off", "intents": ["schedule_cancel"]}


def case(text: str, *intents: Intent) -> Case:
    return Case(text, frozenset(intents), frozenset(), None, Expectation(), text, 1.0, ())


CASES = [
    *(case(f"refill {number}", Intent.REFILL_REQUEST) for number in range(20)),
    *(case(f"cancel {number}", Intent.SCHEDULE_CANCEL) for number in range(20)),
    *(case(f"person {number}", Intent.HUMAN_AGENT) for number in range(200)),
]


class Mind(MindService):
    """Knows every case of this file, but for what it is told otherwise."""

    def __init__(self, otherwise: Mapping[str, tuple[Intent, ...]] | None = None) -> None:
        self.known = {one.text: tuple(one.intents) for one in CASES} | dict(otherwise or {})

    def understand(self, transcript: Transcript, expectation: Expectation, context: Context) -> Understanding:
        intents = self.known.get(transcript.text, ())
        return Understanding(transcript, intents=intents)


@dataclass
class Pupil(Teacher):
    """Writes down what it is taught, and weights that are none."""

    against: int = 0
    share: float = 1.0
    taught: list[Lesson] = field(default_factory=list)

    def contradicted(self, lesson: Lesson) -> int:
        return self.against

    def teach(self, lessons: Sequence[Lesson], *_: object) -> None:
        self.taught += lessons

    def go(self, share: float) -> None:
        self.share = share

    def save(self, folder: Path) -> None:
        for name in FILES:
            (folder / name).write_text(f"{len(self.taught)} lessons")


AFTER = {"scratch me off": (Intent.SCHEDULE_CANCEL,)}


@dataclass
class Site:
    """A data folder, and what a run there said."""

    folder: Path
    pupil: Pupil = field(default_factory=Pupil)
    said: list[Any] = field(default_factory=list)

    @property
    def chosen(self) -> Settings:
        environ = {"FIRSTRING_DATA_DIR": str(self.folder), "FIRSTRING_NOW": "2026-11-24T10:05:00-05:00"}
        return settings.load(environ, file=self.folder / "none.toml")

    def learn(
        self,
        after: Mapping[str, tuple[Intent, ...]] = AFTER,
        part_way: Mapping[str, tuple[Intent, ...]] | None = None,
        lines: Iterable[object] = (FIX,),
        *,
        dry_run: bool = False,
    ) -> int:
        path = self.folder / "fixes.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        part = after if part_way is None else part_way

        def compare(made: Path, last: Trial | None) -> Trial:
            return Trial(Mind(), Mind(after if self.pupil.share == 1.0 else part), CASES)

        tools = Tools(lambda: self.pupil, compare)
        wish = Wish((path,), dry_run)
        return run(self.chosen, wish, self.said.append, as_json=True, tools=tools)

    def found(self, key: str) -> Any:
        return next(part[key] for part in self.said if key in part)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_is_learned_is_used_from_then_on_and_can_be_undone(site: Site) -> None:
    assert site.learn() == 0
    name = site.found("written")
    assert learned.weights_of(site.chosen).name == name
    assert mind_service(site.chosen).weights == site.folder / "learned" / name
    assert [one.detail for one in learned_weights(site.chosen)] == [
        f"{name}, from 1 corrections, learned 2026-11-24"
    ]
    assert site.found("understood_as_corrected") == [0, 1]
    assert undo(site.chosen, site.said.append, as_json=True) == 0
    assert learned.weights_of(site.chosen).name == ""
    assert site.found("in_use") == "shipped"


@pytest.mark.parametrize(
    ("lost", "gate"),
    [
        ({"refill 1": (Intent.SCHEDULE_BOOK,)}, "frozen test half"),
        ({"refill 1": ()}, "frozen test half"),
        ({"person 7": (Intent.GOODBYE,)}, "a person and symptoms"),
    ],
)
def test_weights_that_lose_are_refused_and_those_before_stay(
    site: Site, lost: dict[str, tuple[Intent, ...]], gate: str
) -> None:
    assert site.learn() == 0
    before = learned.weights_of(site.chosen).name
    site.said.clear()
    assert site.learn(AFTER | lost) == 1
    assert gate in [part["gate"] for part in site.said if part.get("lost")]
    assert site.found("newly_wrong")
    assert site.said[-1] == {"written": None, "why": "it would lose"}
    assert learned.weights_of(site.chosen).name == before


def test_where_the_whole_way_loses_half_of_it_may_not(site: Site) -> None:
    assert site.learn(AFTER | {"refill 1": ()}, AFTER) == 0
    assert [part["way"] for part in site.said if "way" in part] == [1.0, 0.5]
    assert site.found("written") == learned.weights_of(site.chosen).name


def test_lessons_without_effect_are_no_reason_for_new_weights(site: Site) -> None:
    assert site.learn({}) == 1
    assert {"gate": "corrections", "lost": ["none more is understood"]} in site.said


def test_a_dry_run_tells_everything_and_writes_nothing(site: Site) -> None:
    assert site.learn(dry_run=True) == 0
    assert site.said[-1] == {"written": None, "why": "a dry run"}
    assert not (site.folder / "learned").exists()


def test_what_contradicts_the_corpus_is_listed_and_not_learned(site: Site) -> None:
    site.pupil.against = 2
    assert site.learn() == 1
    assert site.pupil.taught == []
    (refused,) = site.found("not_learned")
    assert refused["source"] == "fixes.jsonl:1"
    assert refused["why"].startswith("2 known sentences")


def test_bad_lines_do_not_keep_the_good_ones_from_being_learned(site: Site) -> None:
    assert site.learn(lines=[{"text": "x"}, FIX, {"text": "y", "intents": ["pizza"]}]) == 0
    assert [lesson.text for lesson in site.pupil.taught] == ["scratch me off"]
    assert [one["source"] for one in site.found("not_learned")] == ["fixes.jsonl:1", "fixes.jsonl:3"]


def test_no_output_quotes_a_caller(site: Site) -> None:
    site.learn(lines=[FIX, {"text": "maria lopez has chest pain", "intents": ["deny"]}])
    assert "maria" not in json.dumps(site.said)
    assert "scratch" not in json.dumps(site.said)


def test_the_gates_see_what_changed() -> None:
    worse = Trial(Mind(), Mind({"refill 1": (), "person 2": ()}), CASES)
    assert worse.flipped(to_right=False) == [1, 42]
    assert frozen_gate(worse).lost
    assert person_and_symptom_gate(worse).lost == ("human_agent missed 0 -> 1 times",)
    same = worse.of(Mind())
    assert same.known == worse.old
    assert not frozen_gate(same).lost


def test_undo_alone_and_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTRING_DATA_DIR", str(tmp_path))
    told = partial(typer.testing.CliRunner().invoke, app)
    assert "shipped weights are in use" in str(told(["learn", "--undo"]).exception)
    assert "learns nothing" in str(told(["learn", "--undo", "--dry-run"]).exception)
