"""The deploy files name settings, commands, ports and paths that the product has, and keep it shut in."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from typer.main import get_command

from agent.cli import app as cli
from agent.draining import Standing
from agent.first_run import SETTINGS_FILE
from agent.settings import FILE_KEYS, Settings
from agent.web import add_health
from tests.deploy.files import (
    COMPOSE,
    DEPLOY,
    DOCKERFILE,
    KUBERNETES,
    NAMING_SETTINGS,
    ROOT,
    UNITS,
    commands_of,
    documents,
    of_kind,
    settings_named,
)

PORTS = {Settings().port, Settings().private_port}
KEYS = {key.upper() for key in Settings.__dataclass_fields__}
NAMEABLE = KEYS | {f"{key.upper()}_FILE" for key in FILE_KEYS} | {"CONFIG"}


@pytest.mark.parametrize("path", NAMING_SETTINGS, ids=lambda path: path.name)
def test_every_setting_named_exists(path: Path) -> None:
    named = settings_named(path.read_text())
    assert named, "settings were found"
    assert named <= NAMEABLE


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_runs_a_command_that_exists(path: Path) -> None:
    known: Any = get_command(cli)
    commands = list(commands_of(path))
    assert commands
    for words in commands:
        command: Any = known
        while words and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def unit(path: Path) -> dict[str, str]:
    """The last value of each key; what stands more than once is not asked for here."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return dict(parser["Service"])


def test_the_service_comes_back_unless_a_setting_is_wrong_and_leaves_no_memory_behind() -> None:
    service = unit(DEPLOY / "systemd" / "firstring.service")
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("always", "2")
    assert service["LimitCORE"] == "0"
    assert service["NoNewPrivileges"] == "yes"
    assert service["KillMode"] == "mixed", "the supervisor ends its parts in order"


def test_the_service_may_write_where_the_settings_file_shows_shared_folders() -> None:
    path = DEPLOY / "systemd" / "firstring.service"
    writable = unit(path)["ReadWritePaths"].removeprefix("-")
    shown = re.findall(r'^# (?:SECRETS|RECORDINGS)_DIR = "(.+)"$', SETTINGS_FILE, re.MULTILINE)
    assert len(shown) == 2
    assert all(Path(folder).is_relative_to(writable) for folder in shown)
    assert f"RequiresMountsFor={writable}" in path.read_text().splitlines()


def dockerfile() -> list[list[str]]:
    """Instructions as words, lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]


def test_the_image_has_what_it_copies_and_serves_the_products_ports() -> None:
    steps = dockerfile()
    for name, rest in steps:
        if name == "COPY" and not rest.startswith("--from"):
            assert all((ROOT / source).exists() for source in rest.split()[:-1])
    assert {int(port) for name, rest in steps if name == "EXPOSE" for port in rest.split()} == PORTS
    assert [rest for name, rest in steps if name == "USER"] == ["10001"], "never root"
    assert json.loads(next(rest for name, rest in steps if name == "ENTRYPOINT"))[-1].endswith("/firstring")
    (check,) = [rest for name, rest in steps if name == "HEALTHCHECK"]
    assert f"127.0.0.1:{Settings().port}/healthz" in check
    assert health_paths() >= {"/healthz", "/readyz"}


def health_paths() -> set[str]:
    app = FastAPI()
    add_health(app, "secret", Standing(siblings=False, drain_s=0))
    return {str(getattr(route, "path", "")) for route in app.routes}


def test_the_image_installs_debian_packages_as_setup_does() -> None:
    wanted = (ROOT / "scripts" / "setup.sh").read_text().split('DEBIAN_PACKAGES="')[1].split('"')[0]
    assert set(wanted.split()) <= set(DOCKERFILE.read_text().split())


def test_no_secret_and_no_chart_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", "firstring-data", "firstring.toml", "**/secrets"} <= set(ignored)


def test_compose_publishes_on_this_machine_only_and_shuts_the_container_in() -> None:
    (composed,) = documents(COMPOSE)
    firstring = composed["services"]["firstring"]
    assert {tuple(port.rsplit(":", 1)[0].split(":")) for port in firstring["ports"]} == {
        ("127.0.0.1", str(port)) for port in PORTS
    }
    assert firstring["read_only"] is True
    assert firstring["cap_drop"] == ["ALL"]
    assert (
        COMPOSE.parent / firstring["build"]["context"] / firstring["build"]["dockerfile"]
    ).resolve() == DOCKERFILE
    given = set(composed["secrets"])
    for service in composed["services"].values():
        assert set(service["secrets"]) <= given
        files = [
            value
            for key, value in service["environment"].items()
            if key.endswith("_FILE") and key != "FIRSTRING_PRACTICE_FILE"  # no secret
        ]
        assert {Path(file).name for file in files} <= set(service["secrets"])
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(composed["volumes"])


def test_a_container_answers_as_a_practice_of_its_own_and_with_ears_for_patients() -> None:
    (composed,) = documents(COMPOSE)
    firstring = composed["services"]["firstring"]
    (given,) = firstring["configs"]
    assert firstring["environment"]["FIRSTRING_PRACTICE_FILE"] == given["target"]
    assert composed["configs"][given["source"]]["file"].startswith("${PRACTICE_FILE:?"), "it must be named"
    (settings,) = of_kind("ConfigMap")
    mounts = {mount["mountPath"]: mount["name"] for mount in container()["volumeMounts"]}
    assert mounts[str(Path(settings["data"]["FIRSTRING_PRACTICE_FILE"]).parent)] == "practice"
    for environment in (firstring["environment"], settings["data"]):
        assert environment["FIRSTRING_STT"] == "whisper", (
            "never pocketsphinx, which auto takes without weights"
        )


def container() -> dict[str, Any]:
    (stateful,) = of_kind("StatefulSet")
    (only,) = stateful["spec"]["template"]["spec"]["containers"]
    return only  # type: ignore[no-any-return]


def test_the_pod_is_asked_how_it_is_where_the_product_answers() -> None:
    one = container()
    ports = {port["name"]: port["containerPort"] for port in one["ports"]}
    assert ports == {"public": Settings().port, "private": Settings().private_port}
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = one[name]["httpGet"]
        assert probe["path"] in health_paths()
        assert ports[probe["port"]] == Settings().port
    for service in of_kind("Service"):
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= set(ports)
    (policy,) = of_kind("NetworkPolicy")
    allowed = {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
    assert allowed == PORTS


def test_the_pod_may_nothing_that_it_does_not_need() -> None:
    (stateful,) = of_kind("StatefulSet")
    spec = stateful["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsUser"] == 10001, "the image's own"
    assert spec["automountServiceAccountToken"] is False
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {mount["name"] for mount in container()["volumeMounts"]}
    claimed = {claim["metadata"]["name"] for claim in stateful["spec"]["volumeClaimTemplates"]}
    assert mounted == claimed | {volume["name"] for volume in spec["volumes"]}


def test_no_deploy_file_holds_a_secret() -> None:
    """They are named by file, never written down."""
    assert not of_kind("Secret")
    for path in NAMING_SETTINGS:
        for line in path.read_text().splitlines():
            for key in FILE_KEYS:
                assert not line.strip().startswith((f"FIRSTRING_{key.upper()}:", f"FIRSTRING_{key.upper()}="))


def test_the_prometheus_target_is_the_private_port() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    assert job["job_name"] == "firstring", "the alarms name it"
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{Settings().private_port}"]}]
    assert all((DEPLOY / "prometheus" / name).exists() for name in config["rule_files"])


def test_manifests_wear_one_label() -> None:
    names = {
        each["metadata"]["labels"]["app.kubernetes.io/name"]
        for path in KUBERNETES
        for each in documents(path)
    }
    assert names == {"firstring"}


def test_words_of_commands_in_comments_exist() -> None:
    """`docker build -f PATH` and its like name files that are there."""
    for path in NAMING_SETTINGS:
        for line in path.read_text().splitlines():
            if line.startswith("#") and " -f deploy/" in line:
                words = shlex.split(line.lstrip("# ").partition("   (")[0], posix=True)
                assert (ROOT / words[words.index("-f") + 1]).exists()
