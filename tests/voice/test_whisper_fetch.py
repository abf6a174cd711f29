"""Fetching weights, from a server on this machine that behaves as told."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent import cli
from tests.voice.whisper_checkpoints import checkpoint
from voice.whisper_fetch import FetchError, fetch, from_mirror, published


@dataclass
class Server:
    """Gives ``content`` to everybody who asks."""

    content: bytes
    status: int = 200
    breaks_after: int | None = None  # bytes
    claimed_size: int | None = None
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def models(self, sha256: str = "") -> dict[str, str]:
        sha256 = sha256 or hashlib.sha256(self.content).hexdigest()
        return {"tiny.en": f"{self.address}/{sha256}/tiny.en.pt"}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return checkpoint(tmp_path_factory.mktemp("published") / "tiny.en.pt").read_bytes()


@pytest.fixture
def server(weights: bytes) -> Iterator[Server]:
    told = Server(weights)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(told.status)
            self.send_header("Content-Length", str(told.claimed_size or len(told.content)))
            self.end_headers()

        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.do_HEAD()
            self.wfile.write(told.content[: told.breaks_after])

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "whisper"


def test_weights_come_with_progress_and_lie_where_whisper_looks(
    server: Server, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fetch("tiny.en", server.models())
    assert path == folder / "tiny.en.pt"
    assert path.read_bytes() == server.content
    assert "100%" in capsys.readouterr().err
    assert [each.name for each in folder.iterdir()] == ["tiny.en.pt"]


def test_whole_weights_are_not_fetched_twice_and_spoilt_ones_are(server: Server, folder: Path) -> None:
    path = fetch("tiny.en", server.models())
    fetch("tiny.en", server.models())
    assert len(server.asked) == 1
    path.write_bytes(b"spoilt")
    assert fetch("tiny.en", server.models()).read_bytes() == server.content
    assert len(server.asked) == 2


def left_behind(folder: Path) -> list[Path]:
    return list(folder.rglob("*")) if folder.exists() else []


def test_other_content_is_refused_and_what_was_there_stays(server: Server, folder: Path) -> None:
    folder.mkdir()
    (folder / "tiny.en.pt").write_bytes(b"the former one")
    with pytest.raises(FetchError, match="incomplete or altered: its SHA-256 is not 00ff"):
        fetch("tiny.en", server.models(sha256="00ff"))
    assert [(each.name, each.read_bytes()) for each in left_behind(folder)] == [
        ("tiny.en.pt", b"the former one")
    ]


def test_a_line_that_breaks_leaves_nothing_and_the_next_try_succeeds(server: Server, folder: Path) -> None:
    server.breaks_after = 10_000
    with pytest.raises(FetchError, match="incomplete"):
        fetch("tiny.en", server.models())
    assert left_behind(folder) == []
    server.breaks_after = None
    assert fetch("tiny.en", server.models()).read_bytes() == server.content


def test_a_disk_too_small_is_known_before_the_download(server: Server, folder: Path) -> None:
    server.claimed_size = 2**60
    with pytest.raises(FetchError, match="MiB are needed"):
        fetch("tiny.en", server.models())
    assert server.asked == []
    assert left_behind(folder) == []


def test_a_refusal_and_an_absent_server_are_told_apart(server: Server, folder: Path) -> None:
    server.status = 403
    with pytest.raises(FetchError, match="refused: 403"):
        fetch("tiny.en", server.models())
    nobody = {"tiny.en": "http://127.0.0.1:9/abc/tiny.en.pt"}
    with pytest.raises(FetchError, match=r"cannot be fetched from .*: \[Errno 111\]") as problem:
        fetch("tiny.en", nobody)
    assert "copy the .pt file" in problem.value.fix
    assert left_behind(folder) == []


def test_a_cache_that_is_no_folder_is_named(server: Server, folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(FetchError, match="cannot write to"):
        fetch("tiny.en", server.models())


def test_the_command_names_unknown_models_and_altered_files(server: Server, folder: Path) -> None:
    runner = CliRunner()
    unknown = runner.invoke(cli.app, ["fetch-speech", "enormous"])
    assert isinstance(unknown.exception, FetchError)
    assert "'enormous'" in str(unknown.exception)
    assert "base.en" in unknown.exception.fix
    altered = runner.invoke(cli.app, ["fetch-speech", "tiny.en", "--from", server.address])
    assert isinstance(altered.exception, FetchError)
    assert server.asked[0] == "/" + "/".join(published()["tiny.en"].split("/")[-2:])


def test_a_mirror_keeps_hash_and_name() -> None:
    mirrored = from_mirror({"base": "https://there.example/a/b/c0de/base.pt"}, "http://here/whisper/")
    assert mirrored == {"base": "http://here/whisper/c0de/base.pt"}
