"""Speech to text on Ray: whole utterances, batches, and an answer in time or another worker's.

With Ray installed (requirements-ray.txt) a cluster of its own hears ten utterances at once.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from agent import ray_hearing
from agent.ray_hearing import Hearing, RayHearing, Spoken
from agent.speech_elsewhere import speech_clients
from agent.workers import local
from models.domain import Expectation, Transcript
from models.errors import SettingsError, WorkerError
from tests.agent.test_speech_worker import TOKEN, WORDS, clips, heard_by, pcm_of
from tests.survival.callers import Clips
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.ears import FAILED, Ears

__all__ = ["clips"]


def config_of(clips: Clips) -> EarConfig:
    return EarConfig(engine="stand-in", clips=str(clips.list))


class Replicas:
    """A handle without a cluster: each request is a batch."""

    def __init__(self, hearing: Hearing | None, wait_s: float = 0.0) -> None:
        self._hearing, self._wait_s = hearing, wait_s

    async def _hear(self, spoken: Spoken) -> Transcript:
        await asyncio.sleep(self._wait_s)
        if self._hearing is None:
            raise RuntimeError("the replica died")
        return (await self._hearing.hear_all([spoken]))[0]

    def remote(self, spoken: Spoken) -> Any:
        return self._hear(spoken)


async def test_an_utterance_is_heard_by_a_replica(clips: Clips) -> None:
    far = RayHearing(handle=Replicas(Hearing(config_of(clips), EarService)))
    assert (await heard_by(far, pcm=pcm_of(clips))).text == WORDS


async def test_a_batch_is_heard_side_by_side_and_one_failure_is_its_own(clips: Clips) -> None:
    replica = Hearing(config_of(clips), EarService)
    good = Spoken(Expectation(), "a call", bytearray(pcm_of(clips)))
    broken = Spoken(Expectation(), "a call", bytearray(b"odd"))  # half a sample
    heard = await replica.hear_all([good, broken, good])
    assert [each.text for each in heard] == [WORDS, "", WORDS]
    assert heard[1].failure == FAILED
    assert replica.batches() == [3]


@pytest.mark.parametrize("wait_s", [0.0, 3_600.0])
async def test_replicas_that_die_or_hang_leave_it_to_the_worker_here(
    clips: Clips, wait_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_hearing, "FINISH_LIMIT_S", 0.05)
    service = EarService(config_of(clips))
    service.load()
    gone = RayHearing(handle=Replicas(None, wait_s))
    assert (await heard_by(gone, spare=(local(service),), pcm=pcm_of(clips))).text == WORDS


async def test_what_is_not_open_is_refused_and_dropping_it_is_no_error(clips: Clips) -> None:
    far = RayHearing(handle=Replicas(None))
    await far("drop", "u1")
    for method, args in (("feed", (b"",)), ("finish", ()), ("load", ())):
        with pytest.raises(WorkerError):
            await far(method, "u1", *args)


def test_addresses_of_both_kinds_may_be_named() -> None:
    from agent.settings import Settings

    chosen = Settings(speech_workers="ray:auto ws://10.0.0.21:8090", speech_worker_token=TOKEN)
    assert [client.name for client in speech_clients(chosen)] == ["ray", "10.0.0.21:8090"]


async def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    far = RayHearing()
    await far("begin", "u1", Expectation(), "a call")
    with pytest.raises(SettingsError, match="Ray") as told:
        await far("finish", "u1")
    assert "requirements-ray.txt" in told.value.fix


@pytest.mark.filterwarnings("ignore")  # Ray's own
async def test_ten_utterances_at_once_on_a_cluster_of_this_machine(clips: Clips) -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed: requirements-ray.txt")
    from ray import serve

    ray.init(num_cpus=2, log_to_driver=False, configure_logging=False, include_dashboard=False)
    try:
        handle = await asyncio.to_thread(ray_hearing.deploy, config_of(clips), replicas=1)
        ears, pcm = Ears([RayHearing(handle=handle)], time_limit_s=60.0), pcm_of(clips)
        sessions = [ears.open(Expectation(), f"call {number}") for number in range(10)]
        for session in sessions:
            session.feed(pcm)
        heard = await asyncio.gather(*(session.finish() for session in sessions))
        assert [each.text for each in heard] == [WORDS] * 10
        assert max(await handle.batches.remote()) > 1, "they were gathered"
    finally:
        serve.shutdown()
        ray.shutdown()


async def test_a_cluster_that_hangs_takes_one_thread_however_many_wait(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_hearing, "FINISH_LIMIT_S", 0.2)
    tries, there = 0, threading.Event()
    handle = Replicas(Hearing(config_of(clips), EarService))

    def hang() -> Replicas:
        nonlocal tries
        tries += 1
        there.wait(60)
        return handle

    far = RayHearing()
    monkeypatch.setattr(far, "_replicas", hang)
    for _ in range(3):
        for name in ("a", "b"):
            await far("begin", name, Expectation(), "a call")
        answers = await asyncio.gather(far("finish", "a"), far("finish", "b"), return_exceptions=True)
        assert all(isinstance(answer, WorkerError) for answer in answers)
    assert tries == 1
    monkeypatch.setattr(ray_hearing, "FINISH_LIMIT_S", 30)
    there.set()
    assert (await heard_by(far, pcm=pcm_of(clips))).text == WORDS
