"""No part of a server has a secret in its environment that it does not need, or that came by file."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import part_environment, settings
from agent.settings import FILE_KEYS, SECRET_KEYS, Settings
from agent.supervisor import build

SECRETS = {key: f"hunter2-{key}-" + "x" * 32 for key in SECRET_KEYS} | {
    "database_url": "postgresql://firstring:hunter2-database@db/firstring"
}
FILE = """\
SIBLINGS = true
SPEECH_WORKERS = "ws://10.0.0.21:8090"
OIDC_ISSUER = "https://login.example.org"
OIDC_CLIENT_ID = "firstring"
OIDC_CLAIM = "email"
CONSOLE_URL = "https://desk.example.org"
"""


@pytest.fixture(params=["by file", "by environment"])
def chosen(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with every secret, and with what stands or falls with them."""
    (tmp_path / "firstring.toml").write_text(FILE)
    monkeypatch.setenv("FIRSTRING_CONFIG", str(tmp_path / "firstring.toml"))
    for key, secret in SECRETS.items():
        name = f"FIRSTRING_{key.upper()}"
        (tmp_path / key).write_text(secret)
        monkeypatch.delenv(name, raising=False)
        if request.param == "by file":
            monkeypatch.setenv(f"{name}_FILE", str(tmp_path / key))
        else:
            monkeypatch.setenv(name, secret)
    return settings.load()


@pytest.fixture
def parts(chosen: Settings) -> Iterator[dict[str, dict[str, str]]]:
    """Name -> environment."""
    with socket.create_server(("127.0.0.1", 0)) as public, socket.create_server(("127.0.0.1", 0)) as private:
        web = part_environment.of_web(chosen, private.getsockname()[1])
        yield {
            part.name: web if part.environment is None else part.environment
            for part in build(chosen, public, private)
        }


def held(environment: dict[str, str]) -> set[str]:
    """The secrets that stand there themselves."""
    return {key for key, secret in SECRETS.items() if secret in environment.values()}


def named(environment: dict[str, str]) -> set[str]:
    return {key for key in FILE_KEYS if f"FIRSTRING_{key.upper()}_FILE" in environment}


def test_the_web_process_alone_has_what_the_carrier_mail_and_chart_want(
    parts: dict[str, dict[str, str]], chosen: Settings
) -> None:
    assert {"web", "ear-1", "mind", "mouth"} <= set(parts)
    for name, environment in parts.items():
        has = held(environment) | named(environment)
        assert has == ({"web": set(SECRETS), "ear-1": {"database_url"}}.get(name, set())), name
        assert held(environment) == set() or named(environment) == set(), "by file it stays by file"


def test_each_part_reads_whole_settings_from_what_it_is_given(
    parts: dict[str, dict[str, str]], chosen: Settings
) -> None:
    """Also where the file of settings asks for what a secret is needed for."""
    read = {name: settings.load(environment) for name, environment in parts.items()}
    assert {key: getattr(read["web"], key) for key in SECRETS} == SECRETS
    assert read["web"].speech_workers == chosen.speech_workers
    assert read["ear-1"].database == chosen.database
    for each in read.values():
        assert (each.data_dir, each.stt, each.secrets_folder) == (
            chosen.data_dir,
            chosen.stt,
            chosen.secrets_folder,
        )


def test_a_server_of_our_own_beside_us_keeps_its_own_secrets(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A demo, started by somebody whose environment names real ones."""
    demo = Settings(twilio_auth_token="the demo's")
    told = part_environment.environment_of(demo, 8081)
    assert settings.load(told | {"FIRSTRING_CONFIG": "none.toml"}).twilio_auth_token == "the demo's"
