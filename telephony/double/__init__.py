"""A carrier's double: rings a running server, speaks the media protocol, and says what it heard.

It shares no code with the server's side, so that one error cannot hide on both.
"""

from telephony.double.carrier import Account
from telephony.double.double import Double
from telephony.double.errors import DoubleError, ScriptError
from telephony.double.exchange import Exchange
from telephony.double.faults import Fault
from telephony.double.manner import Manner
from telephony.double.messages import Fate
from telephony.double.rest import RestSide
from telephony.double.result import CallEvent, CallResult, Ending, Kind
from telephony.double.script import Caller, Step, StepKind, parse_script, parse_steps
from telephony.double.staff import Answer, Staff

__all__ = [
    "Account",
    "Answer",
    "CallEvent",
    "CallResult",
    "Caller",
    "Double",
    "DoubleError",
    "Ending",
    "Exchange",
    "Fate",
    "Fault",
    "Kind",
    "Manner",
    "RestSide",
    "ScriptError",
    "Staff",
    "Step",
    "StepKind",
    "parse_script",
    "parse_steps",
]
