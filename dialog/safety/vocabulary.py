# ruff: noqa: E501 -- word lists: one sign or group a line reads better than wrapped
"""Word groups of the catalogue: lay, elderly, carers' and misheard wordings of one thing, and Spanish.

A wording of several words is written with spaces. Misheard forms are what a telephone recogniser
makes of the word ("chess pain", "can't breed"); they stand last in each group.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialog.safety import spanish
from dialog.safety.vocabulary_causes import CAUSES
from dialog.safety.vocabulary_readings import READINGS
from dialog.safety.vocabulary_signs import SIGNS

_UNITS = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

NUMERALS = (*_UNITS, *_TEENS, *_TENS)


def _spelled(number: int) -> str:
    """ "forty two"; 0 < number < 100."""
    if number < 10:
        return _UNITS[number - 1]
    if number < 20:
        return _TEENS[number - 10]
    ten = _TENS[number // 10 - 2]
    return ten if number % 10 == 0 else f"{ten} {_spelled(number % 10)}"


def _numbers(first: int, last: int) -> list[str]:
    """Digits and words of every number below 100 in [first, last]."""
    return [form for n in range(first, last + 1) for form in (str(n), _spelled(n))]


def _hundreds(first: int) -> list[str]:
    """From first hundred to 999: "412", "four hundred", "four twelve", "four oh five", "500s"."""
    digits = [str(n) for n in range(first * 100, 1000)]
    spoken = [f"{_UNITS[h - 1]} hundred" for h in range(first, 10)]
    short = [f"{_UNITS[h - 1]} {_spelled(n)}" for h in range(first, 10) for n in range(10, 100)]
    return digits + spoken + short + [f"{_UNITS[h - 1]} hundreds" for h in range(first, 10)]


def _fever_degrees() -> list[str]:
    """100.4 F or more and 38 C or more, as people say them."""
    fahrenheit = [str(n) for n in range(101, 108)] + ["100.4", "100.5", "100.6", "100.7", "100.8", "100.9"]
    tenths = [f"{n}.{t}" for n in range(101, 107) for t in range(10)]
    celsius = ["39", "40"] + [f"{n}.{t}" for n in (38, 39, 40) for t in range(10)]
    said = [f"{a} {n}" for a in ("hundred", "hundred and", "one oh") for n in _UNITS[:6]]
    return fahrenheit + tenths + celsius + said + ["one hundred point four", "hundred point four"]


def _w(listed: str) -> tuple[str, ...]:
    """A group written as text: wordings separated by commas."""
    return tuple(" ".join(item.split()) for item in listed.split(","))


GROUPS: Mapping[str, tuple[str, ...]] = {
    # ---- pain and its strength
    "pain": _w("pain, pains, painful, hurt, hurts, hurting, ache, aches, aching, cramp, cramps, cramping"),
    "severe": _w(
        "severe, severely, terrible, terribly, horrible, horribly, awful, awfully, excruciating, unbearable, "
        "agonizing, agony, intense, crushing, stabbing, ripping, tearing, really bad, real bad, so bad, very bad, "
        "super bad, pretty bad, the worst, worst, extreme, extremely, screaming, killing, tremendous, something awful, "
        "something fierce, worst ever, ten out of ten, 10 out of 10, fuerte, muy fuerte, horrible, terrible"
    ),
    "bad": _w(
        "bad, severe, severely, terrible, horrible, awful, excruciating, unbearable, intense, pounding, splitting, "
        "worst, extreme, really bad, killer, constant, fuerte"
    ),
    "sudden": _w("sudden, suddenly, all of a sudden, out of nowhere, out of the blue, just now, de repente, de pronto"),
    # ---- body
    "chest": _w("chest, breastbone, breast bone, sternum, rib cage, chess, chessed, jest, chests, pecho"),
    "belly": _w("belly, stomach, abdomen, abdominal, gut, guts, insides, barriga, estomago, vientre, abdomin"),
    "side": _w("left side, right side, one side, whole side, other side, side of my body, side of his body, "
               "side of her body, half of my body, half of his body, half of her body, half my body"),
    "limp": _w("numb, weak, limp, paralyzed, dead, numbness, weakness, paralysis, tingly, tingling, useless, "
               "dormido, dormida, debil, num, dumb"),
    "droop": _w("droop, droops, drooping, drooped, droopy, sagging, sagged, saggy, crooked, lopsided, slid, "
                "sliding, slack, twisted, melting, melted, falling, fallen, pulled down, dropping, dropped, "
                "uneven, caida, torcida, chueca, trooping, troping, droop in, droping"),
    # ---- breathing
    "breathe": _w("breathe, breath, breathing, breathin, catch my breath, catch his breath, catch her breath, "
                  "get air, get any air, get enough air, get my breath, get her breath, get his breath, breathes"),
    "breed": _w("breed, breeding, bread, brief, breeze, breve, breathe it, breath, brave, breed in"),
    "cannot": _w("can not, could not, unable to, not able to, can barely, barely, can hardly, hardly, can not even, "
                 "can not seem to, can not really, scarcely, can scarcely"),
    "trouble": _w("trouble, difficulty, difficult, hard, harder, struggling, struggles, struggle, struggled, problem, "
                  "problems, labored, laboring, fighting, hard time, tough time, troubles, difficulties, rough time"),
    # ---- persons
    "carer_she": _w(
        "he, she, they, him, her, mother, father, husband, wife, son, daughter, grandma, grandpa, grandmother, "
        "grandfather, nana, granny, sister, brother, baby, child, kid, partner, patient, resident, roommate, uncle, "
        "aunt, neighbor, friend, boyfriend, girlfriend, old man, old lady, person, guy, client, somebody, someone"
    ),
    "elder": _w(
        "he, she, mother, father, husband, wife, grandma, grandpa, grandmother, grandfather, nana, granny, uncle, "
        "aunt, patient, resident, neighbor, client, mother in law, father in law, abuela, abuelo"
    ),
    "child": _w(
        "baby, infant, newborn, new born, child, toddler, kid, son, daughter, grandson, granddaughter, grandbaby, "
        "little boy, little girl, little one, boy, girl, month old, months old, year old, years old, week old, "
        "weeks old, bebe, hijo, hija, nino, nina, niece, nephew, twins"
    ),
    "attacker": _w(
        "grandson, granddaughter, stepson, he, she, they, husband, wife, boyfriend, girlfriend, partner, ex, father, stepfather, son, daughter, "
        "caregiver, aide, nurse, man, somebody, someone, roommate, brother, esposo, novio, marido"
    ),
    "him_her": _w("him, her, them, mother, father, husband, wife, son, daughter, baby, grandma, grandpa, "
                  "grandmother, grandfather, child, kid, nana, partner, roommate, brother, sister, friend"),
    # ---- signs used in several entries
    "bleeding": _w("bleeding, bleed, bleeds, bled, nosebleed, nose bleed, hemorrhaging, bleedin, blood, "
                   "sangrado, sangrando"),
    "vomit": _w(
        "vomit, vomiting, vomited, vomits, throw up, throwing up, threw up, thrown up, puke, puking, puked, "
        "barfing, being sick, vomito, vomitando, keep anything down, keep nothing down, threw it up, upchucking"
    ),
    "confused": _w(
        "muddled, muddle headed, fuzzy headed, confused, confusion, disoriented, disorientation, delirious, not making sense, not making any sense, "
        "talking nonsense, talking crazy, talking out of his head, talking out of her head, out of it, "
        "mixed up, incoherent, confundida, confundido, loopy, hallucinating, seeing things, rambling"
    ),
    "drowsy": _w(
        "drowsy, sleepy, lethargic, hard to wake, hard to wake up, listless, floppy, limp, will not wake up, "
        "can not wake, barely awake, groggy, not waking up, can hardly wake, can barely wake, unresponsive, "
        "difficult to wake, very sleepy"
    ),
    "fainted": _w(
        "fainted, fainting, faint, faints, passed out, pass out, passing out, blacked out, black out, "
        "blacking out, collapsed, collapse, lost consciousness, losing consciousness, keeled over, unconscious, "
        "passes out, past out, se desmayo, me desmaye"
    ),
    "dizzy": _w("dizzy, lightheaded, light headed, woozy, dizziness, faint, weak, clammy, pale, mareado, mareada"),
    "fever": (
        *READINGS["fahrenheit"],
        *_w("fever, feverish, fevers, burning up, high temperature, high temp, hot to the touch, fiebre, "
            "calentura, a temperature, a temp, feeber"),
        *_fever_degrees(),
    ),
    "cannot_stop": _w(
        "will not stop, would not stop, does not stop, did not stop, has not stopped, is not stopping, "
        "can not stop, not stop, not stopping, never stops, not quit, will not quit, not slowing, "
        "not slowing down, will not slow down, nonstop, non stop, no para, not letting up"
    ),
    "self": _w("myself, himself, herself, themself, themselves, yourself, ourselves"),
    "wish": _w("want to, wants to, wanted to, going to, thinking of, thinking about, thoughts of, thought of, "
               "thought about, planning to, plan to, urge to, feel like, feeling like, feels like, about to, "
               "tried to, trying to, threatened to, threatening to, threatens to, considered, considering, "
               "ready to, wanting to, thinking i will, might, will, would like to, talks about, talking about, "
               "talked about, idea of, plans to, tempted to, think i will, wont to, afraid i will"),
    "others": _w("him, her, them, someone, somebody, people, everyone, everybody, husband, wife, boss, neighbor, "
                 "my kids, my baby, the baby, my children, my mother, my father, coworkers, you, you all"),
    # ---- substances
    "poison": _w(
        "bleach, antifreeze, detergent, battery, batteries, button battery, magnets, magnet, drain cleaner, "
        "cleaner, poison, rat poison, tide pod, tide pods, laundry pod, laundry pods, dishwasher pod, lysol, "
        "gasoline, lighter fluid, pesticide, weed killer, ammonia, windex, rubbing alcohol, hand sanitizer, "
        "nail polish remover, chlorine, mushrooms, berries, cloro, veneno, pine sol, lamp oil, essential oil, "
        "edible, edibles, gummies, paint thinner, bug spray"
    ),
    "swallowed": _w("took, taken, swallowed, swallow, ate, eaten, drank, drunk, ingested, tome, tomo, "
                    "downed, accidentally take, got into, gotten into, got a hold of, got hold of, chewed"),
    "pills_count": tuple(_numbers(3, 60)),
    "pills": _w("ambien, muscle relaxers, muscle relaxer, muscle relaxants, flexeril, valium, ativan, klonopin, trazodone, seroquel, tramadol, norco, hydrocodone, codeine, morphine, methadone, lithium, nyquil, pills, pill, tablets, tablet, tylenol, advil, aspirin, ibuprofen, acetaminophen, medicine, "
                "medication, medications, meds, sleeping pills, pain pills, insulin, benadryl, xanax, "
                "oxycodone, capsules, gummies, vitamins, iron pills, pastillas, blood pressure pills, "
                "heart pills, percocet, vicodin, melatonin, gabapentin, opioids, fentanyl, heroin"),
    "too_many": _w("too many, too much, a whole bottle, whole bottle, the whole bottle, entire bottle, a bottle of, "
                   "bottle of, handful, a handful, handfuls, a bunch of, bunch of, a lot of, "
                   " way too many, demasiadas, muchas, todas las, double dose, "
                   "double, triple, twice as many, a ton of, to many, fistful of"),
    # ---- circumstances
    "pregnant": _w(
        "pregnant, pregnancy, weeks along, months along, trimester, postpartum, post partum, gave birth, "
        "had a baby, had my baby, had the baby, had her baby, just delivered, c section, csection, expecting a baby, "
        "miscarriage, miscarrying, embarazada, weeks postpartum, after delivery, delivered my baby, delivered a baby, "
        "weeks pregnant, pregnent, after having the baby, after having my baby, since the baby was born, unborn baby"
    ),
    "young_infant": (
        *_w("newborn, new born, newborn baby, recien nacido, recien nacida, preemie, just born, days old, day old, "
            "few weeks old, one month old, two month old, two months old, 1 month old, 2 month old, 2 months old, "
            "month old baby, couple of weeks old, couple weeks old"),
        *(f"{n} {unit} old" for n in _numbers(1, 12) for unit in ("week", "weeks")),
    ),
    "infant_weeks": tuple(f"{n} {unit}" for n in _numbers(1, 12) for unit in ("week", "weeks")),
    "surgery": _w(
        "surgery, operation, operated, post op, postop, incision, stitches, staples, sutures, surgical, wound, "
        "hip replacement, knee replacement, replacement, knee replaced, hip replaced, valve replaced, shoulder replaced, "
        " procedure, bypass, c section, hysterectomy, hernia, "
        "appendix out, gallbladder out, cirugia, operaron, appendectomy, discharged, got my knee done, "
        "got my hip done, transplant, had my knee done, had my hip done, got home from the hospital"
    ),
    "new_drug": _w(
        "medicine, medication, antibiotic, antibiotics, pill, pills, drug, lamotrigine, lamictal, bactrim, sulfa, "
        "amoxicillin, penicillin, allopurinol, dilantin, prescription, started taking, new meds, medicina, tegretol"
    ),
    "blood_thinner": _w(
        "blood thinner, blood thinners, bloodthinner, warfarin, coumadin, eliquis, xarelto, plavix, apixaban, "
        "rivaroxaban, clopidogrel, pradaxa, heparin, lovenox, anticoagulant"
    ),
    "hit_head": _w(
        "hit my head, hit his head, hit her head, hit the head, banged my head, banged his head, banged her head, "
        "bumped my head, bumped his head, bumped her head, cracked my head, cracked his head, cracked her head, "
        "hurt my head, hurt his head, hurt her head, knocked my head, knocked his head, knocked her head, "
        "head injury, head trauma, concussion, landed on my head, landed on his head, landed on her head, "
        "fell on my head, fell on his head, fell on her head, blow to the head, hit on the head, hit in the head, "
        "smacked my head, smacked his head, smacked her head, split his head open, split her head open, "
        "split my head open, hit there head, busted my head, busted his head, busted her head, "
        "golpe en la cabeza, hit their head"
    ),
    "allergen": _w("sting, stung, bee, wasp, hornet, yellow jacket, peanut, peanuts, nuts, shellfish, shrimp, bitten, "
                   "allergic, allergy, hives, rash, welts, penicillin, new medicine, antibiotic, fire ant, "
                   "fire ants, cashew, cashews, eggs, crab, lobster, bit by, picadura, blotchy, blotching"),
    "over_body": _w("face, hand, hands, arm, arms, leg, legs, body, chest, back, foot, feet, neck, eyes, oil, "
                    "boiling, water, grease, fire, stove, chemical, chemicals, badly, bad, scalp, steam, acid, "
                    "himself, herself, flames, hot coffee, hot tea, soup"),
    # ---- readings
    "sugar": _w("sugar, blood sugar, sugars, glucose, blood glucose, sugar level, glucose level, glucometer, "
                "libre, dexcom, azucar, glucosa, shugar, meter"),
    "under_54": (*_numbers(20, 53), "in the forties", "in the thirties", "in the twenties"),
    "over_300": (*_hundreds(3), "reading high", "reads high", "says high", "reads hi", "says hi", "over three hundred",
                 "off the chart", "off the charts", "too high to read"),
    "low_oxygen": tuple(_numbers(60, 88)),
    "year": (
        *(str(n) for n in range(1940, 2040)),
        *(f"twenty {_spelled(n)}" for n in range(10, 31)),
        *(f"nineteen {_spelled(n)}" for n in range(40, 100)),
        *(f"two thousand {joined}{_spelled(n)}" for n in range(1, 31) for joined in ("", "and ")),
        "two thousand", "the nineties", "the eighties", "the seventies", "the sixties", "2000s",
    ),
    "age": tuple(_numbers(3, 60)),
    **SIGNS,
    **CAUSES,
    **spanish.GROUPS,
    **READINGS,
    "fast_rate": (*(str(n) for n in range(150, 240)), *(f"one {_spelled(n)}" for n in range(50, 100)), "two hundred"),
}  # fmt: skip
