"""Settings of all tests: how hard Hypothesis tries, which tests come first, whose clock they run on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping

import pytest
from hypothesis import settings

from agent.audio_time import AudioTimeLoop

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")

# Machines are slow and shared: an example may take its time, a property may not fail for it.
settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real calls take their time and little of the processor: they come first, beside one another."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Marked ``audio_time`` a test's clock moves only when everybody waits, and its times are exact."""
    if item.get_closest_marker("audio_time"):
        return {"audio time": AudioTimeLoop}
    return {"real time": asyncio.new_event_loop}
