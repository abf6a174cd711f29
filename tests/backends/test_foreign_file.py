"""Files that are no chart: each is refused by name, before anything is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from backends.foreign_file import MAX_FILE_BYTES, ChartFileError, NoSuchFile, read_bundle, read_file
from tests.backends import bundles


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not JSON"),
        (b"a letter to the clinic", "not JSON"),
        (b'{"resourceType": "Bundle", "entry": [', "not JSON"),
        ('{"resourceType": "Bündle"}'.encode("latin-1"), "not UTF-8"),
        (b"[1, 2]", "not a FHIR Bundle"),
        (b"null", "not a FHIR Bundle"),
        (orjson.dumps(bundles.patient()), "not a FHIR Bundle"),
        (orjson.dumps({"resourceType": "Bundle", "type": "history", "entry": [{}]}), "Bundle.type"),
        (orjson.dumps({"resourceType": "Bundle", "entry": [{}]}), "Bundle.type"),
        (orjson.dumps(bundles.bundle()), "no entries"),
        (orjson.dumps({"resourceType": "Bundle", "type": "batch", "entry": "many"}), "no entries"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_chart_is_refused_by_name(data: bytes, problem: str) -> None:
    with pytest.raises(ChartFileError, match=problem) as refused:
        read_bundle(data)
    assert refused.value.fix


def test_odd_entries_are_named_one_by_one() -> None:
    entries: list[Any] = [None, [], {"resource": "x"}, {"resource": {"resourceType": 5}}]
    found = read_bundle(orjson.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}))
    assert not found.incoming
    assert [item.what for item in found.skipped] == [f"entry[{number}]" for number in range(4)]


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert len(read_bundle(b"\xef\xbb\xbf" + orjson.dumps(bundles.whole())).incoming) == 5


def test_a_file_of_fifty_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "long life.json"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(ChartFileError, match="50 MB; the limit is 16 MB") as refused:
        read_file(path)
    assert "one patient a file" in refused.value.fix
    assert MAX_FILE_BYTES < 50_000_000


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match="No such file"):
        read_file(tmp_path / "nothing.json")
