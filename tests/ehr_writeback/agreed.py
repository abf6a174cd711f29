"""The agreed documents: what we write of certain calls, as files that people have read.

A change of one is a change of what goes into charts. `python -m tests.ehr_writeback.agreed` writes them anew:
read the difference before it is committed.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from ehr_writeback import WritebackConfig, plan
from ehr_writeback.note_form import text_in
from ehr_writeback.planned import NOTE
from models.crypto import KeyRing
from models.domain import CallRecord
from models.storage import Storage
from tests.ehr_writeback.contract.records import EVERYTHING
from tests.ehr_writeback.deeds import DEEDS, sent
from tests.ehr_writeback.misnoted import MISNOTED
from tests.ehr_writeback.records import LINKED
from tests.ehr_writeback.test_checkins import RECORD as CHECKIN

Json = dict[str, Any]
GOLDEN = Path(__file__).parent / "golden"
CONFIG = WritebackConfig(
    system_url="https://cedar.example",
    practice_name="Cedar Family Practice",
    organization_ref="Organization/cedar",
    task_owner_ref="Organization/front-desk",
    page_recipient_ref="Group/oncall",
)
ELSEWHERE = replace(CONFIG, same_server=False)
PLANS: dict[str, tuple[CallRecord, WritebackConfig]] = {
    **{record.call_id: (record, CONFIG) for record in (*LINKED, CHECKIN)},
    "CA-elsewhere": (EVERYTHING, ELSEWHERE),
    "CA-withheld": (MISNOTED, ELSEWHERE),
}


def planned(name: str) -> list[Json]:
    """All that is written of a call that ends, in the order of writing."""
    return [
        {
            "kind": item.kind,
            "n": item.n,
            "depends_on": list(item.depends_on),
            "resource": item.resource,
            **({"note": text_in(item.resource).splitlines()} if item.kind == NOTE else {}),
        }
        for item in plan(*PLANS[name])
    ]


def agreed(name: str) -> Any:
    return orjson.loads((GOLDEN / f"{name}.json").read_bytes())


def write(name: str, made: list[Json]) -> None:
    (GOLDEN / f"{name}.json").write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")


async def main() -> None:
    for name in PLANS:
        write(name, planned(name))
    with tempfile.TemporaryDirectory() as folder:
        keys = KeyRing.load_or_create(Path(folder) / "keys.json")
        storage = Storage.open(f"sqlite:///{folder}/calls.db", keys)
        for name in DEEDS:
            write(name, await sent(storage, name))
        storage.close()


if __name__ == "__main__":
    asyncio.run(main())
