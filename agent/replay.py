"""Plays a recorded caller on audio time to a demo practice of its own, and shows the call turn by turn.

    python -m agent.replay tests/calls/recorded/interruption.call [--from +16175550123] [--now INSTANT]

The files are steps, one a line, as for `firstring call --script`; sound files are found from where it runs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from agent import audio_time
from agent.in_process import Engines, PlacedCall, open_in_process
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import prepare_tool
from agent.settings import with_secrets
from telephony.double import Answer, Caller, Manner, Staff, parse_script

MARIA = "+16175550123"


def played(script: Path, number: str, now: str, folder: Path) -> PlacedCall:
    """The call, when it is over. Raises ScriptError for a step that cannot be understood."""
    caller = Caller(parse_script(script.read_text().splitlines()))
    settings = demo_settings(folder / "data", now=now)
    prepare_tool(settings)
    settings = with_secrets(settings)
    engines = Engines.load(settings)

    async def place() -> PlacedCall:
        async with open_in_process(settings, engines) as practice:
            return await practice.call(number, caller, manner=Manner(Staff(Answer.ANSWER), unhurried=False))

    return audio_time.run(place())


def show(call: PlacedCall) -> None:
    for turn in call.stored.turns:
        if turn.caller_text or turn.keys:
            print(f"{turn.number:>3} caller: {turn.caller_text or turn.keys}")
        cut = "" if turn.heard_to == turn.agent_text else f"   [heard: {turn.heard_to}]"
        print(f"{turn.number:>3} agent:  {turn.agent_text}{cut}")
    for task in call.tasks:
        print(f"    task:   {task.kind}, {task.priority}: {task.summary}")
    print(f"    ended:  {call.stored.disposition}, {call.result.ended}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m agent.replay")
    parser.add_argument("script", type=Path)
    parser.add_argument("--from", dest="number", default=MARIA)
    parser.add_argument("--now", default=DEMO_NOW, help="ISO 8601 with zone: the practice's time as it rings")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="firstring-replay-") as folder:
        show(played(options.script, options.number, options.now, Path(folder)))


if __name__ == "__main__":
    main()
