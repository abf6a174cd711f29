"""`firstring ...`: every command, thin; the work is in the module each one names.

Exit codes: 0 all right, 1 the thing asked for did not come out, 2 wrong use or wrong settings.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from agent import (
    formulary_commands,
    learn_command,
    settings,
    smart_keys_command,
    speech_command,
    users_commands,
    writeback_commands,
)
from agent.custody import commands as keeping_commands
from agent.rehearsal import command as rehearsal_command
from models.errors import FirstringError, SettingsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Firstring answers a medical practice's phone on the first ring.",
)
app.add_typer(formulary_commands.app, name="formulary")
app.add_typer(writeback_commands.app, name="writeback")
app.add_typer(users_commands.app, name="users")
app.command()(learn_command.learn)
app.command("speech-worker")(speech_command.speech_worker)
app.command("smart-keys")(smart_keys_command.smart_keys)
app.command()(rehearsal_command.rehearse)
keeping_commands.add_to(app)
Config = Annotated[Path | None, typer.Option("--config", help="settings file; firstring.toml when not given")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object a line, for programs")]


def main() -> None:
    """The console script. Known errors become one clear line with their fix, never a traceback."""
    try:
        app(standalone_mode=True)
    except SettingsError as problem:
        _complain(problem)
        sys.exit(2)
    except FirstringError as problem:
        _complain(problem)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _complain(problem: FirstringError) -> None:
    typer.echo(f"firstring: {problem}", err=True)
    typer.echo(f"     fix: {problem.fix}", err=True)


@app.command()
def demo(
    stay: Annotated[bool, typer.Option("--stay", help="keep the server up for further calls")] = False,
    keep: Annotated[Path | None, typer.Option(help="keep data and call recordings in this folder")] = None,
    as_json: Json = False,
) -> None:
    """Four real calls over the Twilio protocol on a fictional practice, shown live, then a table."""
    from agent.demo import run

    sys.exit(run(stay=stay, keep=keep, as_json=as_json))


@app.command()
def serve(
    config: Config = None,
    port: Annotated[int | None, typer.Option(help="public listener")] = None,
    private_port: Annotated[int | None, typer.Option(help="staff pages, chart and metrics")] = None,
) -> None:
    """The server: keeps its parts running until it is told to stop."""
    from agent.first_run import (
        await_data_dir,
        check_practice,
        require_live,
        require_own_practice,
    )
    from agent.supervisor import serve as supervise

    chosen = settings.load(file=config, port=port, private_port=private_port)
    require_live(chosen)
    require_own_practice(chosen)
    check_practice(chosen)
    await_data_dir(chosen)
    supervise(
        chosen, announce=lambda public, private: typer.echo(f"listening: public {public}, private {private}")
    )


@app.command()
def call(
    steps: Annotated[
        list[str] | None,
        typer.Argument(
            help="wav:FILE say:TEXT press:123 wait:S now:FILE barge:FILE hears:N "
            "expect:REGEX sms:TEXT hangup drop"
        ),
    ] = None,
    script: Annotated[Path | None, typer.Option(help="a file with one step a line")] = None,
    to: Annotated[str, typer.Option(help="address of the running server")] = "http://127.0.0.1:8080",
    from_number: Annotated[str, typer.Option("--from", help="caller's number, E.164")] = "+16175550123",
    forwarded_from: Annotated[str, typer.Option(help="number the call was forwarded from")] = "",
    staff: Annotated[
        str,
        typer.Option(help="staff who are dialled: answer, decline or ring-out"),
    ] = "answer",
    fallback: Annotated[
        str, typer.Option(help="number to dial, or address to ask, when the server cannot be had")
    ] = "",
    save: Annotated[
        Path | None, typer.Option(help="keep the call as a stereo WAV: caller left, agent right")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Plays one caller against a running server, as Twilio would, REST side included."""
    from agent.place_call import Wish, answer_of, place

    lines = list(steps or []) + (
        [line for line in script.read_text().splitlines() if line.strip()] if script else []
    )
    if not lines:
        raise SettingsError(
            "no steps given", fix="For example: firstring call say:'I need a refill' wait:3 hangup"
        )
    wish = Wish(to, from_number, forwarded_from, answer_of(staff), fallback)
    sys.exit(asyncio.run(place(settings.load(file=config), lines, wish, save, as_json)))


@app.command()
def chat(
    from_number: Annotated[str, typer.Option("--from", help="caller's number, E.164; '' is withheld")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """The same dialog by keyboard: one caller line a turn, an empty line is silence."""
    from agent.chat import run
    from agent.preparing import prepare_tool

    chosen = settings.with_secrets(settings.load(file=config))
    prepare_tool(chosen)
    asyncio.run(run(chosen, from_number, sys.stdin, _printer(as_json), as_json=as_json))


@app.command()
def understand(
    expect: Annotated[
        str, typer.Option(help="what the question before expected: dob phone zip ...")
    ] = "open",
    asked: Annotated[str, typer.Option(help="the question before, as spoken")] = "",
    today: Annotated[str, typer.Option(help="the day it is, as 2026-12-01; today when not given")] = "",
    detail: Annotated[
        bool,
        typer.Option("--detail", help="the classifier's own opinion and all that the danger screen found"),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on a terminal too")] = False,
    config: Config = None,
) -> None:
    """Lines from standard input to JSON lines, each at once: intents, entities, red flag."""
    from agent.lines import read_lines
    from agent.understand import Question, readable, run

    question = Question(expect, asked, today, detail)
    for_a_person = sys.stdout.isatty() and not as_json
    for told in run(settings.load(file=config), question, read_lines(sys.stdin.buffer)):
        typer.echo(readable(told) if for_a_person else json.dumps(told))


@app.command()
def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV files, any rate")],
    expect: Annotated[str | None, typer.Option(help="read a value of this kind: dob phone zip ...")] = None,
    wideband: Annotated[
        bool, typer.Option("--wideband", help="without the telephone's 8 kHz mu-law")
    ] = False,
    words: Annotated[bool, typer.Option("--words", help="each word and the alternatives too")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines on a terminal too")] = False,
    config: Config = None,
) -> None:
    """Speech to text as a call would hear it: JSON lines for a program, a few readable ones on a terminal."""
    from agent.preparing import prepare_tool
    from agent.transcribe import readable, run

    chosen = settings.load(file=config)
    prepare_tool(chosen)
    for_a_person = sys.stdout.isatty() and not as_json
    for line in run(chosen, files, expect, wideband=wideband, words=words or for_a_person):
        typer.echo(readable(line) if for_a_person else json.dumps(line))


@app.command()
def say(
    text: str,
    output: Annotated[Path, typer.Option("-o", "--output", help="WAV file to write")],
    config: Config = None,
) -> None:
    """Text to speech, as a caller would hear it, into a WAV file."""
    from agent.say import run

    run(settings.load(file=config), text, output)


@app.command("load-charts")
def load_charts(
    paths: Annotated[list[Path], typer.Argument(help="FHIR R4 Bundles in JSON, or folders of them")],
    own_patients: Annotated[
        bool, typer.Option("--as-own-patients", help="the practice's providers take these patients over")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Loads patients' charts into the embedded chart; what it holds already stays as it is."""
    from agent.load_charts import run
    from agent.preparing import prepare_tool

    chosen = settings.load(file=config)
    prepare_tool(chosen)
    show = _printer(as_json)
    sys.exit(asyncio.run(run(chosen, paths, show, own_patients=own_patients, as_json=as_json)))


@app.command()
def openings(
    from_date: Annotated[str, typer.Option("--from", help="first day, as 2026-12-01")],
    days: Annotated[int, typer.Option(help="how many days")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Publishes bookable openings from the practice's hours; what is there stays as it is."""
    from agent.openings import run
    from agent.preparing import prepare_tool

    chosen = settings.load(file=config)
    prepare_tool(chosen)
    asyncio.run(run(chosen, from_date, days, _printer(as_json), as_json=as_json))


@app.command("fetch-speech")
def fetch_speech(
    model: Annotated[str, typer.Argument(help="base.en, tiny.en, small.en ...")],
    mirror: Annotated[
        str, typer.Option("--from", help="another server that keeps the files as HASH/NAME.pt")
    ] = "",
) -> None:
    """Fetches Whisper's weights through openai-whisper, with progress, and checks them."""
    from agent.fetch_speech import run

    run(model, mirror, typer.echo)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="where firstring.toml is written")] = Path(),
) -> None:
    """Writes a documented firstring.toml. Never overwrites one."""
    from agent.first_run import write_settings

    typer.echo(f"wrote {write_settings(folder)}")


@app.command()
def doctor(
    live: Annotated[
        bool, typer.Option("--live", help="ask the carrier's account too; nothing there is changed")
    ] = False,
    call: Annotated[
        str, typer.Option("--call", help="with --live: ring this number once, after a confirmation")
    ] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Checks settings, engines, files, ports, clock and addresses, and says what to do about each problem."""
    from agent.doctor import report

    good = report(config, _printer(as_json), as_json=as_json, live=live, call=call, ask=_ask)
    sys.exit(0 if good else 1)


def _ask(question: str) -> str:
    typer.echo(question, nl=False, err=True)
    return sys.stdin.readline()


def _printer(as_json: bool) -> Any:
    return lambda value: typer.echo(json.dumps(value) if as_json else value)


if __name__ == "__main__":
    main()
