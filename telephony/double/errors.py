"""What can go wrong on the double's own side."""

from __future__ import annotations

from models.errors import FirstringError


class ScriptError(FirstringError):
    """A caller's script cannot be performed as written."""

    code = "caller-script"
    fix = (
        "Steps are wav:FILE say:TEXT press:KEYS wait:SECONDS barge:FILE expect:REGEX hangup drop, "
        "one a line in a script file."
    )


class DoubleError(FirstringError):
    """The server answered in a way that would fail a real call."""

    code = "double"
    fix = "The message names the request and the answer; the server's log has the cause."
