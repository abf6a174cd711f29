"""The titles and other fixed words of a note, as they stand in its text."""

from __future__ import annotations

from models.domain import IdentityLevel

TITLE = "TELEPHONE ENCOUNTER - AI ASSISTED, NOT YET REVIEWED"
AMENDED_TITLE = "TELEPHONE ENCOUNTER - AI ASSISTED, AMENDED BY STAFF"
HEAD = "HEAD"  # what stands above the first section
REASON = "REASON FOR CALL (caller's words)"
DONE = "DONE"
PRESENT = "SYMPTOMS PRESENT (caller's words)"
DENIED = "SYMPTOMS DENIED"
NOT_ASKED = "SYMPTOMS NOT ASKED"
CHECKIN = "CHECK-IN (answers)"
FLAGS = "RED FLAGS"
MEDICINES = "MEDICINES NAMED BY CALLER"
TASKS = "TASKS FOR STAFF"
NOT_DONE = "NOT DONE"
TOLD = "TOLD TO CALLER"
SOFTWARE = "SOFTWARE"
TRANSCRIPT = "TRANSCRIPT"

# Fixed words of single lines: the writer puts them, the checker knows them.
PROOFS = {
    IdentityLevel.L0: "not identified",
    IdentityLevel.L1: "full name, birth date, and number or ZIP on file",
    IdentityLevel.L2: "full name, birth date, number or ZIP on file, and one-time code",
}
DISCLOSED = {
    "ai": "AI assistant",
    "recording": "call is recorded",
    "emergency": "what to do in an emergency",
}
NO_ANSWER = {"asked-declined": "declined to answer", "asked-unknown": "not known to caller"}
PROBLEM_TOLD = {True: "yes", False: "no", None: "not answered"}
