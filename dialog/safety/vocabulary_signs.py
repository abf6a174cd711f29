# ruff: noqa: E501 -- word lists: one sign or group a line reads better than wrapped
"""Word groups for signs that callers describe by a body part and what it does, or by who is ill."""

from __future__ import annotations

from collections.abc import Mapping


def _w(listed: str) -> tuple[str, ...]:
    """A group written as text: wordings separated by commas."""
    return tuple(" ".join(item.split()) for item in listed.split(","))


SIGNS: Mapping[str, tuple[str, ...]] = {
    # ---- heart and breath
    "weighs": _w("heaviness, heavy, tightness, tight, tightening, pressure, pressing, squeeze, squeezing, squeezed, crushing, "
                 "crushed, gripping, clamped, clamping, constricting, weight, weighs, knot, fist, elephant, belt, truck, band, "
                 "strap, vise, vice, anvil, brick, bricks, boulder, cinder block, stabbing, stabs, jabbing, discomfort"),
    "over_heart": _w("heart, breast, bosom, breastbone, breast bone, left side of my chest, middle of me"),
    "jaw_arm": _w("jaw, jawbone, left arm, arm, both arms, shoulder, shoulder blades, neck, teeth"),
    "sweats": _w("sweating, sweaty, sweats, sweat, clammy, drenched, gray, grey, pale, nauseous, sick to my stomach, cold sweat"),
    "ticker": _w("heart, ticker, heartbeat, heart beat, pulse, my chest"),
    "races": _w("jitterbug, a jig, tap dance, tap dancing, dancing, drumming, galloped, racing, races, raced, pounding, pounds, fluttering, flutters, flutter, skipping, skips, jumping, jumps, flopping, "
                "flip flops, flip flopping, somersaults, cartwheels, hammering, galloping, thumping, thumps, going crazy, "
                "going wild, took off, takes off, irregular, all over the place, mile a minute, out of rhythm, out of control, "
                "going like, beating so fast, beating so hard, beating fast, quivering, doing flips, afib, a fib, jackrabbit, "
                "very fast, too fast, so fast, runs away, running away, stops and starts, skipped, banging, drum, freight train"),
    "wrong_beat": _w("very fast, too fast, so fast, wild, weird, funny, wrong, all wrong, something weird, irregular, all over the place, off beat, uneven, crazy, hard, strange, "
                     "out of control, out of whack, like mad, out of sync, haywire, slow, too slow, takes off, took off, flip, flips, jumps"),
    "faints": _w("find myself on, found myself on, room goes away, room went away, everything goes away, blackout, blackouts, swooned in, fall without, lose a few seconds, lost a few seconds, legs give way, legs gave way, give way, "
                 "fainted, fainting, faint, faints, pass out, passed out, passing out, blacked out, black out, blacking out, "
                 "graying out, grey out, greying out, gray out, grayed out, conked out, collapsed, collapse, collapsing, "
                 "keeled over, went down, going down, go down, hit the floor, hit the deck, on the floor, on the ground, "
                 "lost consciousness, lost sense, lose consciousness, losing consciousness, woke up on, came to on, dropped, "
                 "fell out, out cold, crumpled, swooned, knees buckled, legs gave out, legs go, everything goes black, "
                 "everything went black, went black, goes black, tunnel, out like a light, see stars, slumped, past out, "
                 "passed clean out, went out, fell over, went limp, falling out, next thing i knew"),
    "cannot_do": _w("can not, could not, unable to, not able to, can barely, can hardly, barely, hardly, will not"),
    # ---- nerves
    "limb": _w("arm, arms, leg, legs, hand, hands, foot, fingers, side, half"),
    "hangs": _w("just hangs, hanging, hangs, hung, dangling, dangles, dragging, drags, dragged, gave out, giving out, gives out, "
                "gave way, gone dead, went dead, dead weight, useless, will not work, not working, stopped working, quit working, "
                "will not move, not moving, does not work, does not move, not move, falls down, falling down, fell down, like lead, like rubber, "
                "like jelly, like a noodle, limp, weak, numb, numbness, paralyzed, asleep, drooping, drops, dropped, "
                "heavy as, went to sleep, lost feeling, no feeling, tingling, gone numb, not there, will not do, "
                "will not listen, not listen, will not obey, will not lift, curled up, drifted, drifts, flopping, floppy"),
    "part_of_face": _w("face, mouth, smile, cheek, lip, lips, eyelid, eye, jaw"),
    "droops": _w("droop, droops, drooping, drooped, droopy, sagging, sagged, sags, saggy, crooked, lopsided, slid, sliding, slack, "
                 "twisted, melting, melted, falling down, fell, fallen, pulled down, pulled to, pulling to, dropping, dropped, "
                 "hanging, hangs, uneven, lower than, half of it, only half, one side, one half, numb, frozen, to one side, "
                 "will not close, weird, funny, wrong, off, paralyzed, stiff, dead, not moving, does not move, will not move, "
                 "down on one side, slipped, slipping, cockeyed, sideways"),
    "speech": _w("words, word, speech, talking, talk, talks, speaking, sentence, sentences, voice, what he says, what she says"),
    "muddled": _w("mixed up, all mixed, jumbled, backwards, scrambled, slurred, slurring, slurs, slurry, garbled, gibberish, mush, "
                  "mushy, marbles, nonsense, mumble, mumbling, mumbled, mumbles, thick, drunk, like drunk, wrong words, "
                  "come out wrong, coming out wrong, came out wrong, make no sense, not making sense, funny, strange, "
                  "will not come, not come out, not coming out, nonsensical, tangled, "
                  "all wrong, babble, babbling, word salad, alphabet soup, messed up, like a drunk"),
    "off_balance": _w("walk straight, stand up straight, keep my balance, keep his balance, keep her balance, walking into, walks into, "
                      "bumping into, staggering, stagger, stumbling, staggers, stumbles, leaning to, leans to, leaning over, "
                      "leaning, veering, veers, listing, tilting, tipping over, falling over, falls over, lost my balance, "
                      "lost her balance, lost his balance, off balance, no balance, room is spinning, room spinning, world spinning, "
                      "spinning, walk right, wobbly, wobbling, like a drunk, like he is drunk, like she is drunk, falling to, "
                      "falls to, pitching, walls, legs will not"),
    # ---- mind
    "nonsense": _w("nonsense, gibberish, out of his head, out of her head, out of my head, crazy talk, talking crazy, not make sense, not making sense, "
                   "not making any sense, no sense, makes no sense, make no sense, making no sense, babbling, confused, confusion, confuse, delirious, "
                   "delirium, disoriented, disorientated, hallucinating, hallucinate, hallucinations, seeing things, incoherent, muddled, mixed up, "
                   "rambling, raving, loopy, out of it, not with it, away with the fairies, gone in the head, who i am, "
                   "who we are, where she is, where he is, where i am, what year it, the year, what day it, what month, his own name, her own name, "
                   "not know me, not recognize, not recognizing, not herself, not himself, not acting right, acting strange, acting weird, "
                   "acting crazy, acting funny, acting drunk, acting odd, acting different, is not right, not right in, "
                   "not all there, spacey, zoned out, foggy, in a fog, cloudy, not know where, does not know, talking to people, "
                   "talking to himself, talking to herself, not think straight, not thinking straight, bewildered, addled, "
                   "same question, keeps asking, keeps repeating, repeating herself, repeating himself, calling me by, "
                   "calls me, picking at, plucking at, loco, not here with us"),
    "sleepy_sick": _w("hard to wake, hard to wake up, difficult to wake, hard to rouse, hard to get awake, barely awake, barely rousable, "
                      "rousable, can not wake, can not awake, will not wake, will not wake up, not wake up, not waking, will not rouse, not rouse, can not rouse, "
                      "can barely wake, can hardly wake, sleeping all the time, sleeps all the time, sleeping all day, stay awake, "
                      "keep his eyes open, keep her eyes open, keep my eyes open, drowsy, lethargic, listless, limp, floppy, groggy, "
                      "very sleepy, so sleepy, too sleepy, sleepy, droopy, not responding, unresponsive, like a rag doll, rag doll, "
                      "like a noodle, barely responds, barely responding, not answering, drifting off, nodding off, keeps drifting, in and out, "
                      "out of it, can not keep awake, will not stay awake, slumped, dopey, like a zombie, zombie, glassy eyed, "
                      "glassy eyes, glazed, woozy, dozing, barely open, not open his eyes, not open her eyes, weak as a kitten, wakes up for"),
    # ---- people
    "old_one": _w("mother, father, grandma, grandpa, grandmother, grandfather, granddad, grandad, nana, nanna, granny, gran, papaw, pawpaw, mamaw, memaw, "
                  "meemaw, pop, pops, grammy, gramps, he, she, husband, wife, aunt, uncle, auntie, father in law, mother in law, "
                  "old man, old lady, resident, neighbor, abuela, abuelo, patient, client, my hubby, hubby, great aunt"),
    "little_one": _w("baby, infant, newborn, new born, child, toddler, kid, boy, girl, little boy, little girl, little one, son, daughter, "
                     "grandson, granddaughter, grandbaby, grand child, grandchild, niece, nephew, twins, bebe, tiny one, months old, "
                     "month old, year old, years old, weeks old, week old, wee one, little guy, little man, one and a half, kiddo, "
                     "he is one, he is two, he is three, he is four, he is five, she is one, she is two, she is three, she is four, she is five, "
                     "fourteen months, eight months, nine months, ten months, six months, seven months, eleven months, "
                     "twelve months, eighteen months, sixteen months, fifteen months, twenty months, preschooler, kindergartner"),
    "someone": _w("he, she, they, him, her, mother, father, husband, wife, son, daughter, grandma, grandpa, grandmother, grandfather, "
                  "granddad, grandad, nana, granny, sister, brother, baby, child, boy, girl, kid, partner, patient, roommate, uncle, aunt, "
                  "neighbor, friend, boyfriend, girlfriend, man, lady, woman, person, guy, client, somebody, someone, coworker, "
                  "boss, customer, hubby, resident, toddler, nephew, niece, grandson, granddaughter, cousin, teacher, student, papaw, mamaw"),
    # ---- skin, wounds
    "raw_skin": _w("blistery, blister, blisters, blistering, blistered, peeling, peels, peeled, peel, sloughing, sloughs, bubbling, bubbled, bubbles, bubbling up, "
                   "wipes off, wipes right off, rubs off, rubbing off, coming off, comes off, falling off, falls off, come off, sheets, "
                   "raw, sores, ulcers, open sores, welts all over, burned looking, scalded, like a burn, like a sunburn, like sunburn, skin hurts, "
                   "purple spots, dark spots, target spots, bullseyes, shedding, flaking off, sliding off, slides off, blister in"),
    "drug_since": _w("medicine, medicines, medication, medications, antibiotic, antibiotics, pill, pills, tablet, tablets, drug, drugs, capsule, capsules, "
                     "prescription, lamotrigine, lamictal, bactrim, sulfa, amoxicillin, penicillin, allopurinol, dilantin, phenytoin, "
                     "carbamazepine, tegretol, keppra, cipro, septra, water pill, started taking, meds, ointment, new cream, "
                     "seizure medicine, gout medicine, gout pill, zonisamide, phenobarbital, doxycycline, cephalexin, keflex, medicina, antibiotico"),
    # ---- blood
    "blood": _w("blood, bleeding, bleed, bleeds, bled, nosebleed, nose bleed, bloody, bloodied"),
    "pours": _w("pouring, pours, poured, pumping, pumps, gushing, gushes, gushed, spurting, spurts, squirting, squirts, streaming, "
                "running down, running out, like a faucet, like a fountain, like a hose, like a river, everywhere, all over, soaked, soaking, soaks, "
                "soaked through, puddle, puddles, pool, pooling, bucket, buckets, dripping, coming out, comes out, came out, coming up, "
                "full of, filled, filling, covered, covered in, clots, lots of, a lot of, so much, too much, loads of, heavy, heavily, "
                "bad, badly, terrible, profuse, profusely, drenched, saturated, fast, shooting"),
    "from_body": _w("mouth, ears, ear, nose, behind, bottom, rectum, rear end, butt, back end, backside, down there, wrist, neck, "
                    "toilet, bowl, toilet bowl, commode, stool, stools, poop, bowels, bowel movement, vomit, throw up, threw up, throwing up"),
    # ---- weapons, violence
    "weapon": _w("gun, guns, pistol, rifle, shotgun, knife, knives, machete, hammer, bat, baseball bat, axe, ax, crowbar, weapon, sword, "
                 "blade, firearm, revolver, razor, scissors, hatchet, tire iron, box cutter"),
    "menaces": _w("swinging, swings, swung, waving, waves, waved, coming at, came at, comes at, chasing, chased, pointing, pointed, points, "
                  "threatening, threatens, threatened, threaten, outside, after me, holding, held, has, have, got, pulled, pulling, put, "
                  "with, brandishing, sharpening, grabbed, grabs, carrying, brought, bringing, taking, took, aimed, against"),
    "hurts_other": _w("hit, hits, hitting, beat, beats, beating, beaten, choke, choked, chokes, choking, strangle, strangled, strangles, strangling, "
                      "punch, punched, punches, punching, kick, kicked, kicks, kicking, slap, slapped, slaps, slapping, shove, shoved, shoves, "
                      "push, pushed, pushes, attack, attacked, attacks, attacking, stab, stabbed, stabbing, shoot, kill, murder, "
                      "grabbed me, throws, threw, slammed, slams, burn, burned, drag, dragged, rape, raped, hurt, hurts, hurting, smacks, smacked"),
}  # fmt: skip
