"""Speech to text on a Ray cluster: replicas of one engine, utterances of many calls gathered into batches.

The extra `ray` (docs/adr/0044). Ray finds the replica; what a replica is given at once it decodes side by
side. Audio waits here until an utterance is over, so an utterance is one message, and a replica that dies
costs nothing but asking again.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from models import no_telemetry
from models.domain import Expectation, Transcript
from models.errors import SettingsError, WorkerError
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.ears import FAILED

APP, DEPLOYMENT = "firstring-hearing", "Hearing"
MOST_TOGETHER = 8  # as many as Whisper's own batcher decodes side by side
GATHER_S = 0.02
MOST_ONGOING = 32  # of a replica; more wait at Ray
MOST_QUEUED = 64  # of each server; then a worker here is asked
FINISH_LIMIT_S = 4.0
MISSING_FIX = "Run `pip install -r requirements-ray.txt`, or name speech workers by ws:// or wss://."


@dataclass
class Spoken:
    """One whole utterance: 16-bit, 8 kHz."""

    expectation: Expectation
    caller: str
    pcm: bytearray = field(default_factory=bytearray)


class Hearing:
    """A replica. Everything of the engine happens in one thread."""

    def __init__(self, config: EarConfig, service: type[EarService]) -> None:
        self._service, self._numbers = service(config), 0
        self._thread = ThreadPoolExecutor(1, "hearing")
        self._sizes: list[int] = []
        self._thread.submit(self._service.load).result()

    async def __call__(self, spoken: Spoken) -> Transcript:
        heard: Transcript = await self.hear_all(spoken)  # type: ignore[arg-type,assignment]  # batched
        return heard

    async def hear_all(self, batch: list[Spoken]) -> list[Transcript]:
        """What each of them says; what goes wrong with one is its own outcome."""
        self._sizes.append(len(batch))
        loop = asyncio.get_running_loop()
        under_way = await loop.run_in_executor(self._thread, self._begin_all, batch)
        return list(await asyncio.gather(*(_outcome(each) for each in under_way)))

    def batches(self) -> list[int]:
        """The sizes of those that this replica has had."""
        return list(self._sizes)

    def _begin_all(self, batch: list[Spoken]) -> list[Future[Transcript]]:
        return [self._begin(spoken) for spoken in batch]

    def _begin(self, spoken: Spoken) -> Future[Transcript]:
        self._numbers += 1
        name = str(self._numbers)
        try:
            self._service.begin(name, spoken.expectation, spoken.caller)
            self._service.feed(name, bytes(spoken.pcm))
            return self._service.finish_later(name)
        except Exception as problem:
            self._service.drop(name)
            failed: Future[Transcript] = Future()
            failed.set_exception(problem)
            return failed


async def _outcome(under_way: Future[Transcript]) -> Transcript:
    try:
        return await asyncio.wrap_future(under_way)
    except Exception:  # this utterance's alone
        return Transcript("", failure=FAILED)


def _ray() -> tuple[Any, Any]:
    """Raises SettingsError where the extra is not installed."""
    no_telemetry.forbid()
    try:
        import ray
        from ray import serve
    except ImportError as missing:
        raise SettingsError(
            f"Ray cannot be imported: {missing.name} is missing", fix=MISSING_FIX
        ) from missing
    return ray, serve


def deploy(
    config: EarConfig, *, replicas: int, gpus: float = 0.0, service: type[EarService] = EarService
) -> Any:
    """Starts the replicas on the cluster that this process has joined, and returns a handle of theirs."""
    _, serve = _ray()
    serve.start(proxy_location="Disabled")  # nobody asks by HTTP
    gather = serve.batch(max_batch_size=MOST_TOGETHER, batch_wait_timeout_s=GATHER_S)
    batched = type(DEPLOYMENT, (Hearing,), {"hear_all": gather(Hearing.hear_all)})
    made = serve.deployment(
        batched,
        name=DEPLOYMENT,
        num_replicas=replicas,
        max_ongoing_requests=MOST_ONGOING,
        max_queued_requests=MOST_QUEUED,
        ray_actor_options={"num_cpus": 1, "num_gpus": gpus},
    )
    return serve.run(made.bind(config, service), name=APP, route_prefix=None)


def keep(config: EarConfig, *, address: str, replicas: int, gpus: float, say: Callable[[str], None]) -> None:
    """Joins the cluster, starts the replicas, and ends them on SIGTERM or SIGINT."""
    ray, serve = _ray()
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    ray.init(address=address, log_to_driver=False)
    deploy(config, replicas=replicas, gpus=gpus)
    say(f"serving: {replicas} replicas")
    ended.wait()
    serve.delete(APP)
    ray.shutdown()


class RayHearing:
    """The replicas as a ``Remote`` of `voice.ears`."""

    name = "ray"

    def __init__(self, address: str = "auto", handle: Any = None) -> None:
        """``handle``: of replicas known already; else those of the cluster at ``address``."""
        self._address, self._handle = address, handle
        self._joining: Future[Any] | None = None
        self._open: dict[str, Spoken] = {}

    async def __call__(self, method: str, *args: Any) -> Any:
        match method, args:
            case "begin", (str(name), Expectation() as expectation, str(caller)):
                self._open[name] = Spoken(expectation, caller)
            case "feed", (str(name), bytes(pcm)):
                self._spoken(name).pcm += pcm
            case "finish", (str(name),):
                spoken = self._spoken(name)
                del self._open[name]
                return await self._heard(spoken)
            case "partial", _:
                return ""
            case "drop", (str(name),):
                self._open.pop(name, None)
            case _:
                raise WorkerError(f"{method} is not a method of this worker")
        return None

    async def close(self) -> None:
        self._open.clear()

    def _spoken(self, name: str) -> Spoken:
        if name not in self._open:
            raise WorkerError("this utterance is not open here")
        return self._open[name]

    async def _heard(self, spoken: Spoken) -> Transcript:
        try:
            async with asyncio.timeout(FINISH_LIMIT_S):
                handle = self._handle or await asyncio.wrap_future(self._joined())
                heard: Transcript = await handle.remote(spoken)
                return heard
        except TimeoutError as problem:
            raise WorkerError(f"ray: no answer in {FINISH_LIMIT_S:g} s") from problem
        except SettingsError:
            raise
        except Exception as problem:  # Ray's errors are of many kinds; all mean: ask another
            raise WorkerError(f"ray: {type(problem).__name__}") from problem

    def _joined(self) -> Future[Any]:
        """One thread of its own joins the cluster for all: one that hangs takes no other thread.

        Whoever gives up waiting does not call it off: what is given is a copy.
        """
        if self._joining is None or self._joining.done():
            self._joining = Future()
            threading.Thread(target=_settle, args=(self._joining, self._replicas), daemon=True).start()
        waiting: Future[Any] = Future()
        self._joining.add_done_callback(lambda joined: _copy(joined, waiting))
        return waiting

    def _replicas(self) -> Any:
        if self._handle is None:
            ray, serve = _ray()
            if not ray.is_initialized():
                ray.init(address=self._address, log_to_driver=False, configure_logging=False)
            self._handle = serve.get_app_handle(APP)
        return self._handle


def _settle(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        future.set_result(work())
    except Exception as problem:
        future.set_exception(problem)


def _copy(done: Future[Any], to: Future[Any]) -> None:
    if not to.set_running_or_notify_cancel():
        return
    if problem := done.exception():
        to.set_exception(problem)
    else:
        to.set_result(done.result())
