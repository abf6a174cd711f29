"""A carrier's double: rings a running server, speaks the media protocol, and says what it heard.

It shares no code with the server's side, so that one error cannot hide on both.
"""

from telephony.double.call import Manner
from telephony.double.double import Double
from telephony.double.errors import DoubleError, ScriptError
from telephony.double.orders import OrderDesk
from telephony.double.result import CallEvent, CallResult, Ending, Kind
from telephony.double.script import Caller, Step, StepKind, parse_script, parse_steps

__all__ = [
    "CallEvent",
    "CallResult",
    "Caller",
    "Double",
    "DoubleError",
    "Ending",
    "Kind",
    "Manner",
    "OrderDesk",
    "ScriptError",
    "Step",
    "StepKind",
    "parse_script",
    "parse_steps",
]
