"""The peers, each started once for all tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent.local_server import free_port
from telephony.double import Exchange, RestSide
from tests.peers.installed import ROOT, installed
from tests.peers.prism import running_prism, write_description
from tests.telephony.standing import an_exchange

TWILIO_API = ROOT.parent / "shared" / "peerdata" / "twilio_api_v2010.json"


@pytest.fixture(scope="session")
def twilio_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not TWILIO_API.exists():
        pytest.skip(f"Twilio's description of its API is absent: {TWILIO_API.parent}")
    return write_description(TWILIO_API, tmp_path_factory.mktemp("prism") / "twilio.json")


@pytest.fixture(scope="session")
def mock_url(twilio_api: Path) -> Iterator[str]:
    """Prism alone."""
    with running_prism(installed("prism"), twilio_api, twilio_api.with_name("mock.log")) as url:
        yield url


@pytest.fixture(scope="session")
def desk_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def watched_url(twilio_api: Path, desk_port: int) -> Iterator[str]:
    """Prism in front of the double's REST side, which each test opens for itself."""
    upstream = f"http://127.0.0.1:{desk_port}"
    with running_prism(installed("prism"), twilio_api, twilio_api.with_name("proxy.log"), upstream) as url:
        yield url


@pytest.fixture
async def exchange(desk_port: int) -> AsyncIterator[Exchange]:
    """The double's account, its REST side on the port that is watched."""
    exchange = an_exchange()
    async with RestSide(exchange, desk_port):
        yield exchange


@pytest.fixture(scope="session")
def pipecat_folder() -> Path:
    return installed("pipecat")
