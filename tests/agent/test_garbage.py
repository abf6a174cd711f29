"""What a process makes at its start is not looked through for garbage; what it makes later is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from agent.garbage import lasting


class Ring:
    """Garbage, once nobody holds it, that only the collector finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()  # as tests/conftest.py has it


def test_what_lasts_is_left_alone_and_later_garbage_is_found() -> None:
    with lasting():
        early = Ring()
    late = Ring()
    rings = weakref.ref(early), weakref.ref(late)
    del early, late
    gc.collect()
    assert rings[0]() is not None
    assert rings[1]() is None


def test_what_was_garbage_at_once_is_not_kept() -> None:
    with lasting():
        ring = Ring()
        gone = weakref.ref(ring)
        del ring
        assert gone() is not None, "nobody looks while things are made"
    assert gone() is None


def test_where_making_fails_the_collector_works_again() -> None:
    with pytest.raises(OSError, match="no file"), lasting():
        raise OSError("no file")
    assert gc.isenabled()
