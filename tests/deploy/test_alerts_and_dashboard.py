"""Every figure that an alarm or the dashboard asks for exists, with the labels they name; promtool agrees."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from agent import metrics, parts_file, refused, standing
from agent.parts_file import PartState
from agent.settings import Settings
from agent.workers import WorkerClient
from telephony import metrics as edge
from telephony.metrics import REASONS
from tests.deploy.promql import Selector, grouped_by, label_asked, selectors

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "firstring.json"
OPERATE = ROOT / "docs" / "operate.md"
OF_THE_SCRAPE = {"job", "instance"}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    drawn = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + drawn


@pytest.fixture
def exposed(tmp_path: Path) -> dict[str, set[str]]:
    """Sample name -> labels, of what a server shows, and of what it declares and has not counted yet."""
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    parts_file.write(run_dir, {"web": PartState(os.getpid(), 1)})
    services: Any = SimpleNamespace(
        settings=Settings(data_dir=tmp_path),
        storage=SimpleNamespace(waiting=0),
        workers=[WorkerClient(tmp_path / "ear-1.sock")],
    )
    found: dict[str, set[str]] = {"up": OF_THE_SCRAPE}
    for family in text_string_to_metric_families(standing.exposition(services, lambda: True).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return declared() | found


def declared() -> dict[str, set[str]]:
    """A labelled figure shows nothing before it is counted first."""
    found: dict[str, set[str]] = {}
    for module in (metrics, refused, edge):
        for metric in vars(module).values():
            if hasattr(metric, "_labelnames") and metric._labelnames:
                suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(
                    metric._type, ("",)
                )
                extra = {"le"} if metric._type == "histogram" else set()
                found |= {metric._name + suffix: {*metric._labelnames, *extra} for suffix in suffixes}
    return found


def test_every_figure_asked_for_exists(exposed: dict[str, set[str]]) -> None:
    asked = {selector for expression in expressions() for selector in selectors(expression)}
    assert len({selector.metric for selector in asked}) > 25, "the expressions were read"
    unknown = sorted({selector.metric for selector in asked} - set(exposed))
    assert unknown == []
    for selector in asked:
        assert set(selector.labels) <= exposed[selector.metric] | OF_THE_SCRAPE, selector


def test_every_label_grouped_by_exists(exposed: dict[str, set[str]]) -> None:
    for expression in expressions():
        there = set().union(*(exposed[selector.metric] for selector in selectors(expression)))
        assert grouped_by(expression) <= there | OF_THE_SCRAPE, expression


def test_every_figure_of_ours_is_drawn(exposed: dict[str, set[str]]) -> None:
    """A figure nobody looks at is left out, or is put on the dashboard."""
    drawn = {
        selector.metric for panel in panels() for t in panel["targets"] for selector in selectors(t["expr"])
    }
    bases = {re.sub(r"_(bucket|sum|count)$", "", name) for name in exposed if name.startswith("firstring_")}
    assert sorted(bases - {re.sub(r"_bucket$", "", name) for name in drawn}) == []


def test_a_figure_that_does_not_exist_would_be_found() -> None:
    asked = selectors(
        'sum by (le) (rate(firstring_repli_seconds_bucket{stage="x", instance=~"$instance"}[5m]))'
    )
    assert asked == [Selector("firstring_repli_seconds_bucket", ("stage", "instance"), (("stage", "x"),))]


def test_fixed_values_are_ones_that_the_product_counts() -> None:
    known = {
        "ended": {"failed", "nobody"},
        "status": {"403"},
        "part": {"web"},
        "job": {"firstring"},
        "reason": REASONS,
    }
    for expression in expressions():
        for selector in selectors(expression):
            for label, value in selector.values:
                assert value in known[label], selector


def test_the_dashboards_variables_and_places() -> None:
    board = json.loads(DASHBOARD.read_text())
    asked = [v["query"]["query"] for v in board["templating"]["list"] if v["type"] == "query"]
    assert [label_asked(query) for query in asked] == [("firstring_live_calls", "instance")]
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells


def test_every_alarm_says_how_urgent_it_is_and_stands_in_the_manual() -> None:
    section = OPERATE.read_text().split("## Alarms\n")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(Firstring\w+)` \|", section, re.MULTILINE)
    assert documented == [rule["alert"] for rule in rules()], "the same, in the same order"
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        kept = grouped_by(rule["expr"])
        assert not kept or named <= kept, f"{rule['alert']} names a label that its sum has dropped"


@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "alerts.yml"),
        ("check", "config", "prometheus.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_promtool_agrees(command: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here: it comes with Debian's package prometheus")
    done = subprocess.run([promtool, *command], cwd=ALERTS.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
