# ruff: noqa: E501 -- word lists: one sign or group a line reads better than wrapped
"""Word groups for what happened to someone: what was met, swallowed, burned, operated on; and how ill they are."""

from __future__ import annotations

from collections.abc import Mapping


def _w(listed: str) -> tuple[str, ...]:
    """A group written as text: wordings separated by commas."""
    return tuple(" ".join(item.split()) for item in listed.split(","))


CAUSES: Mapping[str, tuple[str, ...]] = {
    # ---- met, eaten, stuck
    "ate_or_met": _w("ate, eaten, eat, eating, took, taken, stung, sting, bit, bitten, bee, wasp, hornet, yellow jacket, peanut, peanuts, nut, nuts, "
                     "shellfish, shrimp, crab, lobster, egg, eggs, kiwi, walnut, cashew, sesame, milk, strawberry, dye, contrast, scan, shot, vaccine, "
                     "antibiotic, penicillin, amoxicillin, ibuprofen, aspirin, new medicine, new pill, allergic, allergy, reaction, ants, fire ants, latex, "
                     "hives, rash, injection, medicine, pill, itching, itchy, naproxen, sulfa, picadura, mani, camarones"),
    "thing_in_throat": _w("food, grape, hot dog, hotdog, candy, coin, penny, quarter, dime, nickel, meat, steak, chicken, bone, fish bone, chicken bone, pill, "
                          "bread, peanut, peanuts, popcorn, carrot, apple, marble, toy, lego, balloon, bead, button, bottle cap, cap, battery, magnet, "
                          "sandwich, sausage, pretzel, marshmallow, gum, ice, ice cube, tablet, vitamin, cookie, cracker, cherry, pit, dentures, tooth, "
                          "piece of, a chunk, chunk of, something, jawbreaker, nut, block, pen cap, bite"),
    "something_toxic": _w("antifreeze, bleach, cleaner, gasoline, kerosene, lighter fluid, turpentine, paint thinner, lamp oil, drain opener, drano, lysol, windex, "
                          "pine sol, detergent, pesticide, weed killer, hand sanitizer, rubbing alcohol, mouthwash bottle, perfume, poison, floor wax"),
    "whole_lot": _w("way too many, too many, entire pack, whole pack, the pack, entire bottle, whole bottle, the bottle, whole thing, every last one, every one of, "
                    "all of them, all of his, all of her, all of my, all my pills, all his pills, all her pills, handful, handfuls, fistful, bunch of pills, "
                    "loads of pills, whole box, entire box, whole strip, whole card, half the bottle, half a bottle, too much tylenol, too much medicine, "
                    "too much insulin, a lot of pills, bottle of pills, bottle of tylenol, bottle of aspirin, week of pills, weeks of pills, "
                    "whole week of, month of pills, more than she should, more than he should, more than i should, all the pills, all of the pills, "
                    "all those pills, many of them, many pills, many oxys, whole supply, whole prescription, about thirty, about twenty, about fifty"),
    # ---- how bad
    "agony": _w("worst, excruciating, unbearable, agony, screaming, scream, crying, awful, awfully, terrible, terribly, horrible, horribly, dreadful, dreadfully, severe, severely, "
                "so bad, so badly, real bad, really bad, very bad, stabbing, knife, knives, ripping, tearing, like fire, on fire, doubled over, doubled up, bent over, "
                "bent double, can not move, can not stand, can not stand up, can not walk, can not straighten, worse and worse, ten out of ten, killing, "
                "intense, out of nowhere, never felt, ever felt, ever had, in my life, of my life, writhing, rolling around, on the floor, "
                "curled up, wakes me, woke me, fierce, wicked, brutal, something awful, "
                "something terrible, something fierce, something dreadful, gripping, hurts to touch"),
    "hot_fever": _w("fever, feverish, fevers, burning up, high temperature, high temp, temperature, hot to the touch, so hot, real hot, very hot, running hot, hot as, "
                    "a temp, on fire, high favor, favor of, feeber, a hundred and one, hundred and two, hundred and three, hundred and four, hundred and five, "
                    "one oh one, one oh two, one oh three, one oh four, one oh five, fiebre, calentura, boiling, sweating and shaking, shivery hot"),
    "infected": _w("infection, infected, infections, uti, u t i, bladder infection, kidney infection, urinary infection, water infection, pneumonia, flu, the flu, cellulitis, "
                   "sepsis, septic, abscess, sore on, bedsore, bed sore, wound, pus, blood poisoning, sip sis, covid, infeccion"),
    # ---- head
    "head_word": _w("head, noggin, skull, temple, forehead, melon, dome, hed, headfirst, head first, back of the head, crown"),
    "head_hit": _w("hit my head, hit his head, hit her head, hit the head, hit your head, hit head, hit in the head, hit on the head, hit their head, banged my head, banged his head, banged her head, "
                   "bumped my head, bumped his head, bumped her head, bumped his hed, cracked my head, cracked his head, cracked her head, knocked my head, knocked his head, knocked her head, "
                   "smacked my head, smacked his head, smacked her head, whacked my head, whacked his head, whacked her head, conked my head, conked his head, conked her head, "
                   "landed on my head, landed on his head, landed on her head, fell on my head, fell on his head, fell on her head, thumped his head, thumped her head, "
                   "hurt his head, hurt her head, hurt my head, head injury, head trauma, concussion, concussed, rang his bell, rang her bell, rang my bell, to the head, to the noggin, "
                   "on the noggin, on the head, in the head, to his head, to her head, to my head, on his noggin, his noggin, her noggin, my noggin, struck his head, struck her head, struck my head, "
                   "head hit, head bounced, head on the, his head on, her head on, my head on, back of his head, back of her head, back of my head, clocked in the head, dropped on his head, dropped on her head, "
                   "hit the pavement, hit the windshield, hit the sidewalk, hit his hed, hit her hed, bonked his head, bonked her head, bonked my head"),
    # ---- pregnancy, infants
    "with_child": _w("baby in my belly, baby in my stomach, baby in belly, baby inside me, pregnant, pregnancy, pregnent, expecting, expecting a baby, carrying, months gone, months along, weeks along, far along, trimester, postpartum, post partum, "
                     "gave birth, had a baby, had my baby, had the baby, had her baby, just delivered, delivered, having the baby, having a baby, c section, csection, due date, "
                     "due in, unborn, kick counts, kicks, weeks pregnant, months pregnant, in labor, midwife, ob, obstetrician, embarazada, embarazo, miscarriage, with child, "
                     "in the family way, since the baby, after the baby, preeclampsia, "
                     "twelve weeks, thirteen weeks, fourteen weeks, fifteen weeks, sixteen weeks, seventeen weeks, eighteen weeks, nineteen weeks, twenty weeks, thirty weeks, "
                     "twenty one weeks, twenty two weeks, twenty three weeks, twenty four weeks, twenty five weeks, twenty six weeks, twenty seven weeks, twenty eight weeks, "
                     "twenty nine weeks, thirty one weeks, thirty two weeks, thirty three weeks, thirty four weeks, thirty five weeks, thirty six weeks, thirty seven weeks, "
                     "thirty eight weeks, thirty nine weeks, forty weeks, forty one weeks, i am only eight weeks, i am nine weeks, i am ten weeks, i am seven weeks"),
    "little_baby": _w("newborn, new born, new baby, brand new baby, preemie, just born, days old, day old, few weeks old, weeks old, week old, one month old, two month old, two months old, month old, "
                      "1 month old, 2 month old, month old baby, month old son, month old daughter, month old girl, month old boy, month old little, couple of weeks old, couple weeks old, not even three months, not yet three months, "
                      "under three months, less than three months, two and a half month old, two and a half months old, "
                      "not even a month, "
                      "not three months yet, a month old, six week old, seven week old, eight week old, recien nacido, recien nacida, be three months"),
    # ---- operations and wounds
    "operated": _w("first knee, second knee, first hip, second hip, did my knee, did my hip, did my ankle, did my back, did my shoulder, did my foot, did his knee, did her knee, did his hip, did her hip, surgery, surgeries, operation, operated, post op, postop, surgical, surgeon, incision, stitches, staples, sutures, hip replacement, knee replacement, "
                   "replacement, new hip, new knee, knee replaced, hip replaced, valve replaced, shoulder replaced, bypass, c section, hysterectomy, hernia repair, hernia operation, "
                   "appendix out, gallbladder out, tonsils out, gallbladder removed, had my gallbladder, cirugia, operaron, operacion, appendectomy, transplant, got my knee done, got my hip done, had my knee done, "
                   "had my hip done, heart cath, cath, catheterization, pacemaker, stent, in a cast, biopsy, colonoscopy, mastectomy, lumpectomy, procedure, they cut, opened me up, "
                   "got out of the hospital, home from the hospital, discharged, spine surgery, back surgery, fusion, amputation, drain, port, weeks out from, week out from, days out from, "
                   "days after, since they operated, took my appendix, took his appendix, took her appendix, took my gallbladder, took his gallbladder, took her gallbladder, "
                   "took my tonsils, took his tonsils, took her tonsils, took out my, took out his, took out her, under the knife, had my appendix, had my prostate, prostatectomy, bandage, dressing, where they went in, where they cut"),
    "opens": _w("opened, open, opening, popped, popping, split, splitting, came apart, coming apart, burst, bursting, tore, torn, ripped, busted, pulled apart, pulling apart, coming open, came open, "
                "separated, separating, gaping, gapes, come open, come undone, came undone, coming undone, came out, wide open, unzipped, let go, gave way, split open, hole, a hole"),
    # ---- injuries
    "burned": _w("burned, burnt, burn, burns, burning, scalded, scald, scalding, scorched, singed, bern, blistering, blister in, boiled, cooked, fried"),
    "scald": _w("boiling, boiling water, hot water, hot oil, oil hot, scalding, grease, hot grease, grease fire, steam, hot coffee, hot tea, hot soup, soup, stove, oven, iron, curling iron, fire, flames, fireworks, "
                "campfire, bonfire, gasoline, acid, lye, radiator, exhaust, fryer, slow cooker, kettle, pot, oil, bleach, grill, tar, hot tub"),
    "body_part": _w("face, hand, hands, arm, arms, leg, legs, foot, feet, neck, chest, back, body, side, belly, stomach, eyes, eye, scalp, thigh, thighs, lap, shoulder, "
                    "skin, palm, fingers, all over, all up, whole arm, head, hair, wrist, bottom, knees, forearm"),
    "chemical": _w("bleach, acid, lye, drain cleaner, oven cleaner, cleaner, chemical, chemicals, ammonia, battery acid, lime, cement, pool chemicals, chlorine, pepper spray, "
                   "super glue, superglue, paint thinner, detergent, gasoline, fertilizer"),
    "testicle": _w("testicle, testicles, testicular, testical, testis, testes, ball, balls, ballsack, scrotum, sack, nut, nuts, nads, privates, huevo, huevos, testiculo, testiculos, family jewels, groin"),
    "skin_place": _w("skin, chest, mouth, lips, eyes, face, back, arms, legs, hands, feet, body, palms, all over, everywhere, belly, throat, tongue, trunk, private parts, neck"),
    # ---- minds of the old
    "elder_lost": _w("confused, confuse, confusion, disoriented, disorientated, delirious, incoherent, hallucinating, hallucinate, hallucinations, muddled, befuddled, bewildered, addled, "
                     "lost his mind, lost her mind, not making sense, not making any sense, no sense, makes no sense, making no sense, not making any cents, not making cents, "
                     "talking nonsense, talking gibberish, talk nonsense, talking crazy, out of his head, out of her head, out of his mind, out of her mind, away with the fairies, "
                     "does not know us, does not know me, did not know me, did not know us, does not know who, does not know where, did not know where, did not know who, not recognize, not recognizing, not recognized, seeing things, seeing people, hearing voices, "
                     "talking to people who, talking to people that, talking to someone who, not himself, not herself, not acting right, acting strange, acting weird, acting crazy, acting funny, "
                     "acting odd, acting different, not thinking straight, "
                     "a stranger, strangers, not follow, what year it, what day it, what month it, tell me the year, out of it, loopy, rambling, "
                     "stealing from, out to get, poisoning, calling me by, calls me by, naked, same question over, asking the same, forgot how, forgotten how, forgot who, picking at, "
                     "gone in the head, not right in the head, losing it, lost it, loco, confundido, confundida"),
    "newly": _w("new, suddenly, sudden, all of a sudden, today, tonight, this morning, this afternoon, this evening, last night, since, yesterday, overnight, in one day, over night, "
                "started, worse, never, fine yesterday, fine this morning, fine at, was fine, sharp as a tack, clear as a bell, perfectly clear, came on, just started, this week, this weekend, "
                "out of nowhere, right now, now, in a day, two days, three days, couple of days, couple days, few days, last couple, few hours, hours, quick, ever since, breakfast, lunch, dinner, supper, "
                "not like this, not like him, not like her, normally, usually, all of the sudden"),
}  # fmt: skip
