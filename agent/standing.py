"""How things stand at this moment, for `/metrics`: asked when it is scraped, and kept nowhere.

Queues, the supervisor's parts, the disk. One scrape of a server tells of all its processes: the web process
answers, and looks at the others itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent import parts_file
from agent.parts_file import PartState
from agent.services import Services

PART = ("part",)


class Standing(Collector):
    """``loaded``: whether all models are."""

    def __init__(self, services: Services, loaded: Callable[[], bool]) -> None:
        self._services = services
        self._loaded = loaded

    def collect(self) -> Iterator[Metric]:
        yield self._queues()
        yield _gauge(
            "firstring_models_loaded", "1 once every model is loaded and calls are taken.", self._loaded()
        )
        free = shutil.disk_usage(self._services.settings.data_dir).free
        yield _gauge("firstring_disk_free_bytes", "Free space where the data folder is.", free)
        yield from _of_parts(parts_file.read(self._services.settings.run_dir))

    def _queues(self) -> Metric:
        """What waits for an answer: requests to each worker, works for the database's writing thread."""
        family = GaugeMetricFamily(
            "firstring_queue_depth",
            "Requests that wait for a worker's or the database's answer.",
            labels=["queue"],
        )
        for worker in self._services.workers:
            family.add_metric([worker.name], worker.waiting)
        family.add_metric(["database"], self._services.storage.waiting)
        return family


def exposition(services: Services, loaded: Callable[[], bool]) -> bytes:
    """Everything in Prometheus's text format: what was counted, and how things stand."""
    now = CollectorRegistry()
    now.register(Standing(services, loaded))
    return generate_latest() + generate_latest(now)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _of_parts(parts: dict[str, PartState]) -> Iterator[Metric]:
    starts = CounterMetricFamily(
        "firstring_part_starts", "Starts of each part, the first included.", labels=PART
    )
    up = GaugeMetricFamily("firstring_part_up", "1 while the part's process lives.", labels=PART)
    memory = GaugeMetricFamily("firstring_part_resident_bytes", "Memory of the part's process.", labels=PART)
    cpu = CounterMetricFamily(
        "firstring_part_cpu_seconds", "Processor time of the part's process.", labels=PART
    )
    for name, state in parts.items():
        starts.add_metric([name], state.starts)
        used = _usage(state.pid)
        up.add_metric([name], float(used is not None))
        if used is not None:
            memory.add_metric([name], used[0])
            cpu.add_metric([name], used[1])
    yield from (starts, up, memory, cpu)


def _usage(pid: int) -> tuple[float, float] | None:
    """Resident bytes and processor seconds; None for a process that is not there."""
    if not pid:
        return None
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return float(process.memory_info().rss), float(times.user + times.system)
    except psutil.Error:
        return None
