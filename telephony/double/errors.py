"""What can go wrong on the double's own side."""

from __future__ import annotations

from models.errors import FirstringError

HTTP_RETRIEVAL_FAILURE = "11200"


class ScriptError(FirstringError):
    """A caller's script cannot be performed as written."""

    code = "caller-script"
    fix = (
        "Steps are wav:FILE say:TEXT press:KEYS wait:SECONDS barge:FILE expect:REGEX sms:TEXT hangup drop, "
        "one a line in a script file."
    )


class DoubleError(FirstringError):
    """The server answered in a way that would fail a real call."""

    code = "double"
    fix = "The message names the request and the answer; the server's log has the cause."

    @property
    def number(self) -> str:
        """Twilio's number for the fault, which the message begins with."""
        first = str(self).partition(" ")[0]
        return first if first.isdigit() else HTTP_RETRIEVAL_FAILURE
