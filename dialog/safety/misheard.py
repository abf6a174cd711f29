# ruff: noqa: E501 -- word lists: one confusion a line reads better than wrapped
"""How telephone recognisers write danger words that they did not know: pairs, torn endings, torn words."""

from __future__ import annotations

# (as heard, in the catalogue's notation; as meant)
MISHEARD: tuple[tuple[str, str], ...] = (
    # ---- pain, body
    ("paint/pane/payne/pan/pang/pained/spain in/on/across my/his/her", "pain in my"),
    ("chest/stomach/belly/back/arm/jaw/side/leg/groin pane/paint/payne/pan/pen", "chest pain"),
    ("chess/jest/chessed/chests/chessy is/feels/hurts/tight/pressure/pains", "chest hurts"),
    ("my/his/her/in_my/in_his/in_her chess/jest/chessed", "my chest"),
    ("hart/hard attack", "heart attack"),
    ("my/his/her hart/harp/hurt is/keeps/was/hurts/racing/pounding", "my heart is"),
    ("hed", "head"),
    ("stomache/stomick/stummick", "stomach"),
    ("testical/tentacle/test_tickle/testicals/tentacles", "testicle"),
    ("rigged/ridged/rigit", "rigid"),
    ("left/right sighed/cite/sight/slide/sides", "right side"),
    ("cough/cuff/calve/half is/swollen/swelled/swelling ~ swollen/swell/swelling", "calf is swollen"),
    ("neck/knack/next is ~ stiff", "neck is stiff"),
    ("stiff knack/next/nick", "stiff neck"),
    ("hole/hall body", "whole body"),
    ("week and ~ dizzy/numb/side/arm/leg", "weak and dizzy"),
    ("arm/leg/side/hand is/went/feels/gone week/dumb/num/none/nun/nub", "arm is numb"),
    ("num/knumb/nome", "numb"),
    ("face/mouth is? ~ trooping/drew_ping/droop_in/groping/grouping/dripping/dropin", "face is drooping"),
    ("stork/strokes/strock/stroak", "stroke"),
    ("slurd/slurdy/blurring/slurring his/her/my/words/speech", "slurring words"),
    # ---- breath, throat
    ("breadth/brett/breff/breaf", "breath"),
    ("breeding/breathin/breeze_in/breath_ing/breezing/breading/reading ~ hard/fast/trouble/bad/heavy", "breathing hard"),
    ("trouble/hard/difficulty/stopped/not/problems breeding/breezing/breading/breathin/reading/briefing", "trouble breathing"),
    ("gas ping/pink/pain/pin for? air?", "gasping for air"),
    ("short/shortness/sort/shortness_of of? breadth/bread/brett/breaths", "short of breath"),
    ("lips/lifts/face/fingers/nails/he/she/turning/turned/is/are/went/going blew/balloon/glue/bleu", "lips blue"),
    ("throat/throats is? clothing/closet/closin/close_in/clothes_in/glossing/closely/clothes up?", "throat closing"),
    ("my/his/her threw/through/throw/throne is/swelling/closing/hurts/feels", "my throat is swelling"),
    ("tung/tong/tongs/ton/tonge", "tongue"),
    ("in/have/has/got/broke_out ~ highs/hides ~ over/breathing/throat/swelling", "hives throat swelling"),
    ("pea nut/nuts", "peanut"),
    ("happy/epic/eppy/epi pen", "epipen"),
    ("swole/swell/swallow in", "swelling"),
    ("swollen/swelling/swell lifts/lip/tong/phase/fates", "swollen lips"),
    # ---- blood, collapse
    ("blud", "blood"),
    ("throwing/coughing/spitting/vomiting/threw/cough/throw/spit/coughed up bud/mud/blunt/blub/blahd/flood", "throwing up blood"),
    ("no bleed for/since/hour/and/that", "nosebleed for"),
    ("have/has/had/got a conclusion/percussion", "has a concussion"),
    ("bleeding/bleed won't/will_not/one/want stop/stopped/top", "bleeding will not stop"),
    ("past/paste/pest out", "passed out"),
    ("feinted/feint ~ floor/now/kitchen/again/bathroom", "fainted floor"),
    ("on/an/un conscious/conscience", "unconscious"),
    ("re spending/sponding", "not responding"),
    ("not/isn't re spending/sponding/spawning", "not responding"),
    ("will_not/can_not/not weak/week/wig up", "will not wake up"),
    ("no/find_a/feel_a pulls/pals", "no pulse"),
    ("clapsed/call_apps/call_lapsed on/in/at/the", "collapsed on"),
    # ---- seizures, mind
    ("seizer/see_sure/see_shore/siezure/seizers/c_sure", "seizure"),
    ("having/had/has convolutions/convulsion/evolutions/revolutions", "having convulsions"),
    ("foam/phone/fome/form/phoning/forming/foaming/phones in/ing/at at?/the/his/her/in mouth/the_mouth", "foaming at the mouth"),
    ("sue/sew/soup/sui/sewer a_side/aside/a_sigh/cider/side/a_sighed", "suicide"),
    ("sue/sew/sui/sewer a_sigh_doll/a_side_al/idle/cycle/a_cycle/a_sidle/a_sigh_dull/aside_all/aside_l/a_sidal/side_al", "suicidal"),
    ("kill/hurt/hurting/killing/harm/cut/cutting/hang/shoot my/him/her shelf/shelves/health/sell/cell/elf", "kill myself"),
    ("wanna/want_to/going_to/wants_to/gonna/ready_to and/in my/her/his/it life/live/all/lives", "want to end my life"),
    ("be hear/hair/ear/year ~ anymore/any_more/any/no_more", "not want to be here anymore"),
    ("better ~ off ~ dad/debt/death/deaf", "better off dead"),
    ("wish/if i/he/she was/were debt/deaf/did", "wish i was dead"),
    ("over dose/dosed/doze/dosing", "overdose"),
    ("beet/beat ing/in me/us/her", "beating me"),
    ("got/has/with/had a/the nice/nife/life in ~ hand", "has a knife in his hand"),
    ("some body/buddy/one", "somebody"),
    ("threaten/thread_and/threat_in/threading to? kill/hurt me", "threatened to kill me"),
    ("poise/poisson/poi in", "poison"),
    ("sleep/sleeping/sleepy in? pills/peels/bills", "sleeping pills"),
    ("took/taken/swallowed ~ hole/hall/whole ~ bottle/battle/model/bottles", "took whole bottle pills"),
    ("took/taken/swallowed ~ peels/pails/bills/pillows", "took too many pills"),
    # ---- fever, sugar, mind
    ("a/bad/has/favor/got favor/feeder/fee_for of/hundred/one", "high fever of"),
    ("high favor/feather/flavor", "high fever"),
    ("confuse/can_fused/con_fused/come_fused", "confused"),
    ("the leery us/is/as", "delirious"),
    ("leery/delirium/the_lyrics/dilirious/dalirious/delivery us/is", "delirious"),
    ("not no/new ~ where/who/what/me/us/her/his", "not know where"),
    ("making/make/makes any? cents/since/scents/scene/senses", "not making sense"),
    ("sip/sub/sep sis/cyst/sus", "sepsis"),
    ("my/is/a/only/just to/too month/months/weeks/week", "my two month old"),
    ("for/fore hundred", "four hundred"),
    ("tree/free hundred", "three hundred"),
    ("glue/blue/glow/group coast/cost/cosy/goes/close/coats/course", "glucose"),
    ("shugar/sugger/sure_girl is/was/for/low/high/at/of", "sugar is"),
    ("l_a/ella/eli/elle_a/a_la/all_a/el_a/elli quiz/quist/kiss/quest/quick/quit", "eliquis"),
    ("blood thinner/thinners/center/dinner/thinker/tinner/spinner/sinner", "blood thinner"),
    ("cuma/coomer/kuma/come_a/commode in/den/din", "coumadin"),
    ("bag/back/bac/pack trim/drum/rim/dream/trams", "bactrim"),
    ("hit/bumped/hurt/banged his/her/my hed/heads", "hit his head"),
    # ---- birth, surgery, injury
    ("pregnent/pregnancies/pregnant_see/prego/preg_nant", "pregnant"),
    ("water/walter/what_are/waters broke/broken/brook/brick/bro", "water broke"),
    ("bay/maybe/babies be/is/not/knot/ain't not? moving/move/move_in", "baby not moving"),
    ("knot/nut/naught moving/breathing/waking/responding/move_in", "not breathing"),
    ("bean/been/bin able to pee/pea/p", "been able to pee"),
    ("not/can_not/could_not ~ pea/p ~ since/hours/surgery/all", "can not pee since surgery"),
    ("since/after/had/from the? searcher/surge_free/sir_jury/surgeries/surgeon_he/searching", "since surgery"),
    ("incision/in_session/in_vision/precision/in_sish_on/decision is/opened/popped/red/open/bleeding/came ~ open/pus/red/bleeding/apart/up", "incision opened"),
    ("stitch is/as", "stitches"),
    ("puss coming/leaking/draining/out", "pus coming"),
    ("hit/struck/ran_over by ~ cart/core/carr/karr", "hit by a car"),
    ("electric/electro/elect_her/elect/a_lecture cuted/cuded/cued/cutted/kuted/cute_it", "electrocuted"),
    ("scolded/scalped/skulled ~ water/grease/coffee/tea/oil/soup", "scalded water"),
    ("bern/burnt/berned his/her/my hand/arm/face/leg/fingers", "burned his hand"),
    ("blister/blisters/bluster/plaster in/ing", "blistering"),
    ("yelp/alp/hel/helf me/us/him/her please?", "help me please"),
    ("please yelp/alp/helf", "please help"),
    ("chok/joke/choke in/ing on?", "choking on food"),
    ("joking/jocking/chalking/choking on a/his/her/some/the ~ food/grape/meat/steak/bone/candy/hot_dog/pill/chicken/something/peanut", "choking on food"),
    ("heim/hime/time lick/lich/like maneuver?", "heimlich"),
    ("palp/pal/help/pulp itations/potations/rotations/petitions/atations/invitations", "palpitations"),
    ("hart/heart ~ raising/erasing/racist/rasing/resting/raceing", "heart racing"),
    ("fee bril/brill a/ate", "defibrillator"),
    ("am/an bulance", "ambulance"),
    ("nine won/one won/one", "nine one one"),
    ("a/the/e merge/merging/emerge see/in_see/and_see/insee", "emergency"),
    ("die/dye per/purr/her/pers ~ dry/wet", "diaper dry"),
    ("no wet die/dye/dire per/pers/purse", "no wet diaper"),
    ("purple/people/pebble rash/crash/brash/rush", "purple rash"),
    ("vishon/division ~ gone/lost/black/went", "vision gone"),
    ("lost/losing/loss_of my/his/her/the? division/vishon", "lost vision"),
    ("can_not sea/c/se/seat out/from/anything/nothing/my", "can not see out"),
    ("blurr/bleary/blur/blurry/blurred ~ vision/eye/eyes ~ sudden/suddenly/all_of_a_sudden", "blurry vision sudden"),
    ("no can/could", "can not"),
    ("no see/sees", "can not see"),
    ("no move/moves", "not moving"),
    ("no breathe/breath/breathes", "not breathing"),
    ("no wake/wakes", "will not wake"),
    ("no talk/speak/talks/speaks", "can not talk"),
    ("no eat/drink/eats/drinks", "will not eat"),
    ("drank/drink/drinks/drunk/swallowed bleak/bleat/blech/bleed/bleached", "drank bleach"),
    ("boy/boil/bowl/boiled ling/lin/in/ing water/oil/grease", "boiling water"),
    ("blister/blistered and/in", "blistering and"),
    ("pal/palp/palpy/palpa/palpi/pulpy stations/station/tations/patients", "palpitations"),
    ("feinting/fainding/fading_out/feigning", "fainting"),
    ("bet_her/bitter/butter off without/dead/if", "better off without"),
    ("fervor/fevor/feber/fiver", "fever"),
    ("sheiking/shacking/chaking", "shaking"),
    ("think/thinking strait/strate", "think straight"),
    ("blood sure/shirt/sugary/shooter", "blood sugar"),
    ("for/four tea/tee/ty", "forty"),
    ("pealing/pealed", "peeling"),
)  # fmt: skip

# A stem, and the word it was torn from: the recogniser heard an "in" or "ing" of its own.
ENDED = {
    stem: whole
    for whole in (
        "swelling jerking shaking vomiting bleeding choking gasping wheezing twitching foaming beating blistering peeling hallucinating "
        "convulsing seizing throbbing draining oozing burning stabbing squeezing crushing drooping slurring fainting gagging drooling "
        "grunting panting suffocating smothering spurting gushing pounding racing fluttering threatening hitting kicking strangling "
        "cutting hurting killing dying shivering sweating trembling collapsing drowning itching leaking cramping tingling mumbling"
    ).split()
    for stem in (whole.removesuffix("ing"), whole.removesuffix("ing") + "e", whole.removesuffix("ting"), whole.removesuffix("ding"))
    if len(stem) > 2
}  # fmt: skip

# Words long enough to be known by their consonants when they were torn in two or three.
WHOLE: tuple[str, ...] = tuple(
    (
        "suicidal unresponsive responding unconscious delirious hallucinating hemorrhaging electrocuted convulsing convulsions "
        "anaphylaxis anaphylactic overdosed palpitations contractions testicles defibrillator bactrim amoxicillin xarelto coumadin "
        "warfarin lamictal lamotrigine disoriented confusion incoherent paralyzed unresponsiveness suffocating "
        "hypoglycemia ketoacidosis seizures blistering ambulance "
        "emergency postpartum trimester dehydrated lethargic incision gallbladder pneumonia appendicitis palpitating "
        "defibrillated"
    ).split()
)
