"""Questionnaire files: what ships is valid FHIR and honest about its sign-off; a wrong file is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backends.checkins import EmbeddedCheckins
from backends.embedded import EmbeddedBackends
from backends.questionnaires import SHIPPED, load_questionnaires, runnable, unsigned
from fhir.codes import check
from models.domain import CheckinStatus, FileCheckin, IdentityLevel, QuestionKind
from models.errors import SettingsError
from tests.backends.conftest import TestClock

FILES = sorted(SHIPPED.glob("*.json"))
NAMES = {
    *("heart-failure", "copd", "diabetes", "hypertension"),
    *("post-surgical", "post-discharge", "adherence", "phq"),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_questionnaire_is_valid_r4_and_says_that_nobody_has_reviewed_it(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert check(document) == []
    assert document["approvalDate"]
    assert "does not diagnose, give advice" in document["purpose"]
    assert document["description"].startswith("Sources: ")
    assert "no clinician has reviewed this file" in json.dumps(document["extension"])


def test_all_ship_and_none_of_them_runs_with_real_patients() -> None:
    found = load_questionnaires(SHIPPED)
    assert {one.name for one in found} == NAMES
    assert all(one.demo_only for one in found)
    assert runnable(found, live=True) == ()
    assert runnable(found, live=False) == found
    assert set(unsigned(found)) == NAMES


def test_a_practice_signs_a_copy_and_its_version_runs(tmp_path: Path) -> None:
    edited(tmp_path, "copd", sign)
    found = load_questionnaires(SHIPPED, tmp_path)
    assert [(one.name, one.version) for one in runnable(found, live=True)] == [("copd", "2.0.0")]
    assert len(found) == len(NAMES)


def edited(folder: Path, name: str, change: Callable[[dict[str, Any]], None]) -> Path:
    path = folder / f"{name}.json"
    document = json.loads((SHIPPED / path.name).read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def sign(document: dict[str, Any]) -> None:
    document["version"] = "2.0.0"
    parts = {
        "who": ("valueString", "Dr. A. Chen"),
        "when": ("valueDate", "2026-11-20"),
        "scope": ("valueCode", "practice"),
    }
    document["extension"][0]["extension"] = [
        {"url": url, kind: value} for url, (kind, value) in parts.items()
    ]


def _rule(document: dict[str, Any], url: str, **value: Any) -> None:
    rule = next(one for one in document["extension"] if one["url"].endswith(":rule"))
    rule["extension"] = [part for part in rule["extension"] if part["url"] != url] + [{"url": url, **value}]


WRONG: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no version": (lambda d: d.pop("version"), "version is missing"),
    "not FHIR": (lambda d: d.update(item="none"), "not a FHIR Questionnaire: item"),
    "a link twice": (lambda d: d["item"].append(d["item"][0]), "is there twice"),
    "a kind that cannot be asked": (
        lambda d: d["item"][0].update(type="attachment"),
        "cannot be asked by telephone",
    ),
    "no such question": (lambda d: _rule(d, "any", valueString="breath = yes"), "there is no such question"),
    "no comparison": (lambda d: _rule(d, "any", valueString="breath is bad"), "is no comparison"),
    "no such answer": (lambda d: _rule(d, "any", valueString="cough = often"), "the answer is none of"),
    "no such disposition": (lambda d: _rule(d, "disposition", valueCode="D9"), "'D9' is none of D0"),
    "no such task": (lambda d: _rule(d, "task", valueCode="call-mum"), "there is no task 'call-mum'"),
    "count too high": (lambda d: _rule(d, "count", valuePositiveInt=7), "count is 7 of 1"),
    "no questions": (lambda d: d.update(item=[]), "there are 0 questions"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_file_is_named_with_its_fault(fault: str, tmp_path: Path) -> None:
    change, says = WRONG[fault]
    path = edited(tmp_path, "copd", change)
    with pytest.raises(SettingsError) as raised:
        load_questionnaires(SHIPPED, tmp_path)
    assert says in str(raised.value)
    assert str(path) in str(raised.value)
    assert "docs/checkins.md" in raised.value.fix


def test_a_file_that_is_no_json_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "copd.json").write_text('{"resourceType":\n')
    with pytest.raises(SettingsError, match=r"not JSON: .*, line 2"):
        load_questionnaires(tmp_path)


def test_fhirs_own_conditions_are_understood(tmp_path: Path) -> None:
    def ask_when(document: dict[str, Any]) -> None:
        document["item"][5]["enableWhen"] = [{"question": "cough", "operator": "=", "answerBoolean": True}]

    edited(tmp_path, "copd", ask_when)
    (one,) = load_questionnaires(tmp_path)
    assert [(t.name, t.operator, t.value) for t in one.questions[5].ask_when] == [("cough", "=", "yes")]
    assert one.questions[5].kind is QuestionKind.YES_NO


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    shutil.copy(SHIPPED / "copd.json", tmp_path)
    (first,) = load_questionnaires(tmp_path)
    assert load_questionnaires(tmp_path)[0] is first
    edited(tmp_path, "copd", sign)
    assert load_questionnaires(tmp_path)[0].version == "2.0.0"


# --------------------------------------------------------------------------- who is due


DUE = {
    "pt-1041": ("post-discharge", "heart-failure"),
    "pt-1042": ("copd",),
    "pt-1043": ("diabetes",),
    "pt-1044": ("hypertension",),
    "pt-1045": ("post-surgical",),
    "pt-1046": ("phq",),
    "pt-1047": ("adherence",),
    "pt-1001": (),
}


@pytest.mark.parametrize("patient_id", DUE)
async def test_the_chart_says_which_check_in_fits(backends: EmbeddedBackends, patient_id: str) -> None:
    view = await backends.directory.view(patient_id, IdentityLevel.L1)
    assert view.checkins == DUE[patient_id]


async def test_a_month_after_the_hospital_the_condition_is_left(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    clock.move(days=31)
    assert (await backends.directory.view("pt-1041", IdentityLevel.L1)).checkins == ("heart-failure",)
    clock.move(days=31)
    assert (await backends.directory.view("pt-1045", IdentityLevel.L1)).checkins == ()


async def test_a_condition_that_is_over_or_coded_in_icd_10(backends: EmbeddedBackends) -> None:
    condition = (await backends.chart.read("Condition", "pt-1042-condition-13645005")).body
    coding = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J44.9"}
    await backends.chart.update({**condition, "code": {"coding": [coding]}}, condition["id"])
    assert (await backends.directory.view("pt-1042", IdentityLevel.L1)).checkins == ("copd",)
    status = {**condition["clinicalStatus"]["coding"][0], "code": "resolved"}
    await backends.chart.update({**condition, "clinicalStatus": {"coding": [status]}}, condition["id"])
    assert (await backends.directory.view("pt-1042", IdentityLevel.L1)).checkins == ()


def filing(status: CheckinStatus, action_id: str = "c1") -> FileCheckin:
    return FileCheckin(action_id, "pt-1042", "urn:firstring:questionnaire:copd|1.0.0", "COPD", status, "", ())


async def test_answers_are_kept_once_and_taken_up_the_same_day_only(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    checkins: EmbeddedCheckins = backends.checkins
    first = await checkins.file(filing(CheckinStatus.IN_PROGRESS), call_id="CA1")
    assert await checkins.file(filing(CheckinStatus.IN_PROGRESS), call_id="CA1") == first
    view = await backends.directory.view("pt-1042", IdentityLevel.L1)
    assert view.open_checkin is not None
    assert (await backends.directory.view("pt-1041", IdentityLevel.L1)).open_checkin is None
    clock.now += timedelta(days=1)
    assert (await backends.directory.view("pt-1042", IdentityLevel.L1)).open_checkin is None


async def test_what_was_finished_is_not_gone_on_with(backends: EmbeddedBackends, clock: TestClock) -> None:
    await backends.checkins.file(filing(CheckinStatus.IN_PROGRESS), call_id="CA1")
    clock.now += timedelta(minutes=5)
    await backends.checkins.file(filing(CheckinStatus.COMPLETED), call_id="CA2")
    assert (await backends.directory.view("pt-1042", IdentityLevel.L1)).open_checkin is None
