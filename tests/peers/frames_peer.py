"""pipecat's Twilio serializer as a function: jobs in, results out."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.peers.installed import ROOT
from tests.telephony.signing import ACCOUNT, CALL, TOKEN

STREAM = "MZ" + "1" * 32
PROGRAM = Path(__file__).with_name("pipecat_program.py")


def pipecat(folder: Path, *jobs: dict[str, Any], api_base: str = "http://127.0.0.1:9") -> list[Any]:
    """Each job's result: see ``pipecat_program.result_of``."""
    names = {"stream_sid": STREAM, "call_sid": CALL, "account_sid": ACCOUNT}
    stream = {**names, "auth_token": TOKEN, "base_url": api_base}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(PROGRAM)],
        input=json.dumps({"stream": stream, "jobs": jobs}),
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    results: list[Any] = json.loads(done.stdout)
    return results


def receive(message: str) -> dict[str, str]:
    return {"receive": message}


def say(pcm: bytes) -> dict[str, str]:
    return {"say": base64.b64encode(pcm).decode()}


def audio(result: Any) -> bytes:
    """The samples of a received media message."""
    return base64.b64decode(result["pcm"])
