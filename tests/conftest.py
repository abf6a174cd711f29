"""Settings of all tests: how hard Hypothesis tries, which tests come first, whose clock they run on."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from agent.audio_time import AudioTimeLoop
from tests import pages_once

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")

# Machines are slow and shared: an example may take its time, a property may not fail for it.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", PATIENT)
settings.register_profile("long", PATIENT, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


# Databases wait for the disk at each commit. A test's own need not outlive a power cut, so they lie in memory
# where there is plenty.
MEMORY, PLENTY_BYTES = Path("/dev/shm"), 4 * 2**30
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > PLENTY_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

pages_once.install()


def pytest_collection_finish() -> None:
    """What was read for the tests stays to their end: to look for garbage in it all the time takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """What a test has left is found in it, and not in one of the next."""
    gc.collect(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real calls take their time and little of the processor: they come first, beside what computes most.

    The longest begin first, so that none of them is what everybody waits for at the end.
    """
    items.sort(key=_about_s, reverse=True)


def _about_s(item: pytest.Item) -> float:
    """What a file's mark says of its length."""
    mark = item.get_closest_marker("slow") or item.get_closest_marker("busy")
    return float(mark.kwargs.get("about_s", 1)) if mark else 0.0


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Marked ``audio_time`` a test's clock moves only when everybody waits, and its times are exact."""
    if item.get_closest_marker("audio_time"):
        return {"audio time": AudioTimeLoop}
    return {"real time": asyncio.new_event_loop}


@pytest.fixture
def own_logging() -> Iterator[None]:
    """What a test configures is as it was before, afterwards."""
    root, handlers = logging.getLogger(), logging.getLogger().handlers[:]
    yield
    root.handlers[:] = handlers
    logging.captureWarnings(False)
    structlog.reset_defaults()
