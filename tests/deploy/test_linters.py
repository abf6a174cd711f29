"""Other people's linters over the deploy files; one that is not here says what it comes with."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import COMPOSE, DEPLOY, DOCKERFILE, KUBERNETES, UNITS

MOST_EXPOSED = 2.0  # of systemd's ten: below it calls a service OK


def tool(name: str, comes_with: str) -> str:
    """Its path, beside this Python or on the machine's."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not here: it comes with {comes_with}")
    return found


def passes(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_yamllint() -> None:
    passes(tool("yamllint", "requirements.txt"), "--strict", "-c", str(DEPLOY / "yamllint.yaml"), str(DEPLOY))


def test_hadolint() -> None:
    passes(tool("hadolint", "requirements-deploy.txt"), str(DOCKERFILE))


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.name)
def test_manifests_fit_the_schema_of_kubernetes(path: Path) -> None:
    passes(tool("kubernetes-validate", "requirements-deploy.txt"), "--strict", str(path))


def test_compose_reads_its_file() -> None:
    docker = tool("docker", "Docker")
    if subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker has no compose here")
    asked = ("PUBLIC_URL=https://x", "TWILIO_ACCOUNT_SID=AC1", "STAFF_NUMBER=+16175550100")
    passes("env", *asked, docker, "compose", "-f", str(COMPOSE), "config", "--quiet")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_reads_the_unit_and_finds_it_shut_in(path: Path, tmp_path: Path) -> None:
    analyze = tool("systemd-analyze", "systemd")
    copy = tmp_path / path.name  # the program is not where it would be installed
    copy.write_text(
        re.sub(r"^(Exec\w+=)\S+firstring\b", r"\1/bin/true", path.read_text(), flags=re.MULTILINE)
    )
    said = passes(analyze, "verify", "--man=no", str(copy))
    assert "Unknown" not in said, said
    judged = subprocess.run([analyze, "security", "--offline=yes", str(copy)], capture_output=True, text=True)
    if "unrecognized option" in judged.stderr:
        pytest.skip("this systemd-analyze judges no unit by its file: systemd 250 does")
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)
    assert exposure, judged.stdout + judged.stderr
    assert float(exposure[1]) <= MOST_EXPOSED
