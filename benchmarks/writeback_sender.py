"""The sender in a process of its own, as the web process runs it: to be measured, and killed at will."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from typing import Any

import httpx

from agent.logs import configure
from benchmarks.writeback_calls import TARGET
from benchmarks.writeback_sending import FetchedToken, Sending, utc_now
from ehr_writeback import Dispatcher, DispatcherConfig
from fhir.client import FhirClient
from models.crypto import KeyRing
from models.domain import Clock
from models.storage import Storage

# Loaded once in the process that all others are forked from, so that a kill meets work and not imports.
_PRELOADED = [
    "__main__",
    "benchmarks.writeback_sender",
    "benchmarks.writeback_server",
    *(
        f"fhir.resources.R4B.{kind}"
        for kind in ("device", "encounter", "documentreference", "task", "communication", "provenance")
    ),
]


def dispatcher_of(sending: Sending, storage: Storage, http: httpx.AsyncClient, clock: Clock) -> Dispatcher:
    token = FetchedToken(sending.base_url, http)
    client = FhirClient(sending.base_url, token, http, limit_s=sending.limit_s, now=clock)
    config = DispatcherConfig(
        target=TARGET,
        lease_s=sending.lease_s,
        in_flight_s=sending.in_flight_s,
        reconcile_s=sending.reconcile_s,
    )
    return Dispatcher(storage, client, clock, config=config, random=lambda: (sending.hurry - 0.75) * 2)


def sender_of(engine: str) -> Callable[[Sending], None]:
    """ "ours": the product's dispatcher; "dbos": the same rows carried by DBOS, to compare."""
    if engine == "ours":
        return send
    from benchmarks.writeback_dbos import send_by_dbos

    return send_by_dbos


def send(sending: Sending) -> None:
    """Until it is killed."""
    configure(logging.CRITICAL)
    asyncio.run(_send(sending))


async def _send(sending: Sending) -> None:
    storage = Storage.open(sending.database_url, KeyRing.load_or_create(sending.keys))
    async with httpx.AsyncClient(timeout=sending.limit_s, trust_env=False) as http:
        await dispatcher_of(sending, storage, http, utc_now).run()


@contextlib.contextmanager
def process(target: Any, *arguments: Any) -> Iterator[BaseProcess]:
    """A process that does this; killed at the end with SIGKILL, whatever it is about."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    one = context.Process(target=target, args=arguments, daemon=True)
    one.start()
    try:
        yield one
    finally:
        one.kill()
        one.join()
        one.close()
