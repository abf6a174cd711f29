"""Sentences that belong to no single question: plain words, and nothing called done before it is."""

from __future__ import annotations

from dialog.speech import phone
from models.domain import PracticeFacts, PracticeLine

# Disclosures at the start and the end of every call: California Health and Safety Code 1339.75 (AB 3030),
# Texas HB 149, Utah SB 149; recording notice for all-party-consent states.
EMERGENCY = "If this is an emergency, hang up and call 911."
AI = "I'm an AI assistant - not a nurse or doctor."
RECORDED = "This call is recorded."
SPANISH = "Para español, press two."  # we hear English only: a person is all that can be offered
REPRESENTATIVE = "You can say 'representative' at any time."
HOW_CAN_I_HELP = "How can I help?"
AI_AT_THE_END = "You've been speaking with an AI assistant."
GOODBYE = "Goodbye."
THANK_YOU_FOR_CALLING = "Thank you for calling."

RESUMED = "Sorry, we were cut off."
# To who rings back after a lost line: names nothing, for a number proves nobody.
CUT_OFF = "It looks like we were cut off."
GO_ON = "Would you like to go on where we were?"
DANGER_NOW = "Is anyone in danger right now?"
# Ordered by staff who follow the call.
STAFF_WANT_YOU = "One of our staff would like to speak with you."
STAFF_NOT_THERE = "I'm sorry, I couldn't reach our staff after all."
STAFF_END = "Our staff have asked me to end this call now."
STILL_CONNECTING = "I'm still trying to reach somebody for you."
ANYTHING_ELSE = "Is there anything else I can help with?"
WHAT_FOR_THEM = "What can I do for them?"
ONE_PERSON = "On one call I can help with one person's care only."
HOW_WAS_IT = "One last thing: from 1 to 5, how was this call?"
WHAT_ELSE = "What else can I do for you?"
ROBOT = "I'm an AI assistant, not a person."
TAKE_YOUR_TIME = "Take your time."
NO_HURRY = "I'm here when you're ready."
ONCE_MORE = "I'll say that again."
START_OVER = "Let's start over."
NOTHING_SAID_YET = "I'm listening."
NEXT_I_WILL = "I'll help with that next."
AND_THAT_TOO = "I've noted that too."
LEFT_AS_IT_IS = "All right, I've left it as it is."
ALL_RIGHT = "All right."
HELLO = "Hello."
RELAY_READY = "Yes, I'm ready, and there is no hurry."
BACK = "We were at this question."
NO_RECORDS = "I can't share anyone's records on this call."
NOT_THAT = "I can't do that."
BE_KIND = "I'm here to help; please be kind, or I'll bring in our staff."
NO_CARDS = "Please don't tell me a card number; our staff or the portal can take a payment."
NO_SUCH_DAY = "That day is not in the calendar."
DAYS_TO_COME = "I can only book days to come."
NO_SALES = "This line is for our patients, so I can't take that up."
SORRY_TO_HEAR = "I'm sorry to hear that."

ONE_MOMENT = "One moment, please."
STILL_WORKING = "Still working on it."
NOT_LONG = "Thank you for waiting."
PATIENCE = (ONE_MOMENT, STILL_WORKING, NOT_LONG)

CONNECTING = "I'm connecting you with our staff now."
CLOSED = "Our office is closed right now."
TAKE_MESSAGE = "I can take a message, and someone will call you back."
TRANSFER_FAILED = "I'm sorry, I couldn't reach anyone."
ASKING_CALL_BACK = "I'm asking our staff to call you back."
CALL_BACK_LEFT = "They have your request to be called back."
LANGUAGE = "I'm asking our staff to call you back with an interpreter."

NOT_VERIFIED = "I'm not able to verify that information."
STAFF_WILL_CALL = "I'll have our staff call the number we have on file."
NEEDS_STAFF = "Our staff will have to help you with that."
THANKS = "Thank you."
TRY_AGAIN = "Let's try that once more."

NO_WORDS_KEPT = "From here on I keep only what is done, not our words."
IS_RECORDED = "Yes, this call is recorded; tell me if you don't want that."
IS_NOT_RECORDED = "No, this call is not recorded."
STOPPING_RECORDING = "All right, I'm turning the recording off."
NOT_RECORDED = "The recording is off, and what there was of it is deleted."
STILL_RECORDED = "I'm sorry, I couldn't turn the recording off."

CARE_TEAM = "I'll pass that to the care team."
PASSED_ON = "I've passed it on."
NO_SYSTEM = "I'm sorry, I can't reach our system right now."
TELLING_STAFF = "I'm leaving our staff a note to follow up."
NOT_SAVED = "I'm sorry, I couldn't save that."

CANNOT_HELP = "I'm sorry, I can't help with that."
I_CAN = "I can help with refills, visits, and messages for our staff."
WHAT_CAN_I_DO = "What can I do for you?"

NOT_HEARD_PREFIXES = ("I didn't hear an answer.", "I'm sorry, I still can't hear you.")
NOT_UNDERSTOOD_PREFIXES = ("Sorry, I didn't catch that.", "I'm sorry, I still didn't get it.")
PERSON_OR_MESSAGE = "Would you like to speak with a person, or leave a message?"
PERSON_OR_MESSAGE_AGAIN = "Say person, or say message."
TROUBLE = ("I'm having trouble hearing you.", "I'm sorry, the line is not clear.")
SAY_AGAIN = ("Could you say that again?", "Please say it once more, or press zero for a person.")
CAN_HEAR = "I can hear you."
CANNOT_HEAR_ME = "If you cannot hear me, please hang up and call again."
VOICE_ONLY = "This number takes calls by voice only, and no faxes."
TEXT_TELEPHONE = "I hear a text telephone."
TEXT_TELEPHONE_LATER = "I hear a text telephone; you can also dial 711, the relay service."
COULD_NOT_HELP = "I'm sorry, I couldn't help you on this call."

UNTIL_YOU_DO = "I'll stay on the line until you do."
STAYING = (
    "I'm staying on the line with you.",
    "I'm still here with you.",
    "If someone is near you, ask them to call 911.",
)
STAYING_988 = (
    "I'm staying on the line with you.",
    "I'm still here with you.",
    "You can call or text 988 at any time.",
)
CONNECTING_HELP = "I'm connecting you with our team now."
NOBODY_YET = "I couldn't reach our team yet."
# Nurse-now wording when nobody can take the call.
WITHIN_15_MINUTES = "Our team will call you back within 15 minutes."
IF_WORSE = "If it gets worse, call 911."


def greeting(practice: PracticeFacts, line: PracticeLine | None = None) -> tuple[str, ...]:
    thanks = f"Thank you for calling {practice.name}."
    own = (line.greeting,) if line and line.greeting else ()
    spanish = (SPANISH,) if practice.spanish_key else ()
    recorded = (RECORDED,) if practice.records_calls else ()
    return (thanks, *own, EMERGENCY, *spanish, AI, *recorded, REPRESENTATIVE, HOW_CAN_I_HELP)


def closing(practice: PracticeFacts) -> tuple[str, ...]:
    reach = f"To reach our staff, call {phone(practice.phone)} or say 'representative' now."
    return (AI_AT_THE_END, reach, GOODBYE)


def call_us(practice: PracticeFacts) -> str:
    return f"Please call us at {phone(practice.phone)}."


def about_practice(practice: PracticeFacts) -> dict[str, str]:
    """hours, address, phone -> its sentence, for those that are known."""
    found = {"phone": f"Our phone number is {phone(practice.phone)}."}
    if practice.hours_text:
        found["hours"] = f"We're open {practice.hours_text.rstrip('.')}."
    if practice.address:
        found["address"] = f"We're at {practice.address}."
    return found


def constants() -> tuple[str, ...]:
    """Every sentence of this file that never varies."""
    return tuple(
        sentence
        for name, value in globals().copy().items()
        if name.isupper()
        for sentence in (value if isinstance(value, tuple) else (value,))
        if isinstance(sentence, str) and sentence.endswith((".", "?"))
    )
