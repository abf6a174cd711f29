"""Our own records of patients, as the write-back compares them with another server's charts."""

from __future__ import annotations

from typing import Any

from backends.chart import Chart
from backends.refusals import ChartRefusal
from ehr_writeback import Patients


def own_patients(chart: Chart) -> Patients:
    """Reads "Patient/id" of the embedded chart; None when there is no such record any more."""

    async def read(reference: str) -> dict[str, Any] | None:
        kind, _, identity = reference.partition("/")
        try:
            return (await chart.read(kind, identity)).body
        except ChartRefusal as refusal:
            if refusal.status in (404, 410):
                return None
            raise

    return read
