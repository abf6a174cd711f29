# ruff: noqa: E501 -- word lists: one sign or group a line reads better than wrapped
"""The cue words that decide what a mention of a danger sign means. Notation as in the catalogue.

After NegEx (Chapman et al. 2001, https://doi.org/10.1006/jbin.2001.1029) and ConText (Harkema et al.
2009, https://doi.org/10.1016/j.jbi.2009.05.002), in lay speech. A cue that is not listed changes
nothing: presence is assumed, absence must be proved.
"""

from __future__ import annotations

# ---- absence. Reach: the clause, at most a few words, more along a list ("no a, b or c").
NEGATIONS = (
    "nobody/no_one/noone/nothing/nadie",
    "not ~ any",
    "no me/te/se/le/nos he/ha/han",
    "no/without/denies/denied/deny/denying/never/neither/nor/nunca/sin/ningun/ninguna",
    "negative for",
    "free of/from",
    "none of",
    "rule/ruled/ruling out",
    "not have/having/has/had/get/getting/got/feel/feeling/felt/experience/experiencing/experienced",
    "not notice/noticed/noticing/been/think/believe/suffer/suffering/want/wanting/plan/planning/intend/going_to/see/seen",
    "not take/taken/took/swallow/swallowed/pass/passed/lose/lost/hit/faint/fainted/any/ever/actually/really",
    "am/is/are/was/were/definitely/really/just/hardly not",
    "not",
)
ANNOUNCING = frozenset(("going", "will"))  # after an "if": a threat, no mere thought
DENIALS = frozenset("no not nothing never without".split())
# A "not" after these says something else: "can't sleep with this chest pain".
NOT_NEGATING_BEFORE = frozenset("can could will would should do does did might".split())
# The whole wording is no negation of what follows.
PSEUDO_NEGATIONS = (
    "not only/just/sure/certain/better/good/well/great/right/okay/ok/normal/myself/kidding/joking/lying/helping/working",
    "not relieving/relieved/stopping/able/same/the_same/exaggerating/until/enough/long/even/gone/improving/letting_up/over_yet/over_with",
    "not feeling/feel/been/doing/do/felt/get/getting ~ well/good/great/right/okay/better/so_good/too_good/so_hot",
    "not go/going/went/gone away",
    "not take/have/get/had/having/got ~ relief/sleep/rest/appointment/break/help/answer/anything_for/better/over_it/over_this/rid/time",
    "not going_to/want_to lie/wait/make_it",
    "not think/want/believe ~ can/wait/could/right/normal",
    "not know/understand/care/remember/mind/need/help/work/stop/improve/sleep/eat/let/matter/like",
    "no relief/change/improvement/better/doubt/matter/idea/joke/luck/help/end/good/use/way/question/break/let_up/sleep",
    "no appointment/appointments/insurance/ride/car/reason_for/kidding/wonder/sooner/answer/refills/warning",
    "never/not stops/stopped/ends/goes/gets/let/been_so/been_this/had_it_this/been_better",
    "never had/felt/experienced/been/have/seen ~~ this/like/so/such/worse",
    "never/not ~~ before and",
    "no longer able",
    "can_not/could_not/not/never/hardly/barely ~~ without",
    "nobody/no_one is/can/will/would/has/knows/could/here/there/else ~ help/helping/answer/answering/come/coming/listen/listening/call/calling/believes/around/know/home/wake/reach/tell/stop/get/find",
    "nobody/no_one can/could/will/would/knows/believes/answers/comes/helps/is_here/is_home",
    "no time/breath/air/feeling/response/pulse/kicks/pee/tears/urine/sense/reason/point/rush",
    "no no i/he/she/please/my/it/we",
    "not ~ any better/more/longer/sense/relief/easier",
    "nothing but/like/helps/works/helped/worked/happens/stops/stays/is_helping/is_working/will_help/coming/comes/going/goes/i_do/more/left/to_live",
    "not that this/it/my/the/i_am/he_is/she_is",
    "not exactly/quite/so_much ~ pain/hurt/ache",
    "no sorry/wait/actually/rather",
    "never had ~ seizure/seizures/fit/stroke/one in ~ life and",
)
# Between the cue and the sign these make the absence doubtful: "no sleep with chest pain".
BREAKS_NEGATION = frozenset("with from because due for since when after during despite and".split())
LIST_WORDS = frozenset("or any y ni o".split())
LIST_REACH = 14
REACH = 4
BARE_NOT_REACH = 2
# "No he pensado en ...": the "he" is no English pronoun.
SPANISH_PERFECT = tuple(
    ("he", word) for word in "pensado tenido estado sentido hecho tomado vomitado perdido visto".split()
)
SUBJECT_PRONOUNS = frozenset("i he she we they it my his her there this that".split())

DOUBLE_NEGATIONS = (
    "would/could/can not say/deny/rule",
    "not/never deny/denying",
    "not not",
    "not that/like/as_if i/he/she do/does/am/is not",
    "not/never without",
    "not/never free of/from",
    "not ~ say ~ not",
)
# Right after the sign: "chest pain? No." / "my chest is fine".
DENIED_AFTER = frozenset("no none negative nope".split())
FINE_AFTER = (
    "is/are/was/were not ~ there/here/happening/back/anymore/real/true/me/him/her",
    "is/are/was never ~ there/was/real/happened",
    "was negative/clear/normal",
    "is/feels/feel/are/looks/sounds/has_been/was ~ fine/okay/ok/clear/good/normal/great/alright/under_control",
    "is/are ~ all/completely/totally gone since/after",
)

# ---- doubt
HEDGES_BEFORE = (
    "kind/sort of",
    "kinda/sorta/slight/slightly/mild/mildly/faintly/maybe/perhaps/possibly",
    "a little/bit",
    "little/tiny bit",
    "some/little bit of",
    "i guess",
    "not sure/certain/know/tell/say if/whether",
    "wonder/wondering/asking/ask if/whether",
)
HEDGES_AFTER = (
    "i guess/suppose/think_so/dunno",
    "maybe/perhaps/sometimes/occasionally",
    "kind/sort of",
    "kinda/sorta",
    "a little/tad",
    "not sure/certain",
)
# "a little boy", "some kind of seizure", "what kind of": no hedge.
NOT_HEDGES = (
    "little boy/girl/one/while/kid/guy/brother/sister/man/baby/after/before/over/worried/scared/more/worse",
    "some/what/any/this/that kind/sort of",
    "all kind/kinds/sorts of",
    "a bit more",
    "a little ~ ago",
)

# ---- not actual
HYPOTHETICALS = (
    "if a/an/any/these/those/either/nobody",
    "let us say",
    "i/he/she were to",
    "were i/he/she to",
    "should my/the/one/anyone/somebody ~ ever/get/start/have",
    "how would/do/could/can i/we/you ~ tell/know if/when/whether",
    "will i/he/she/it/we/they be/have/get",
    "if mother/father/grandma/grandpa/baby/dad/mom/granny/nana/grandmother/grandfather",
    "when my/his/her ~ goes/gets ~~ should/do/who/what",
    "si el/la/mi/mis/un/una/alguien",
    "say i/he/she/my/we/they/somebody/someone get/gets/got/had/have/started/start/was/felt",
    "in the event",
    "some day/time",
    "someday/algun_dia",
    "should i/he/she/we/they need/ever/get/start/happen/have/feel",
    "would/could/might/can i/he/she/it/they/we/the/this/that/these/those/my/a/an/anesthesia/somebody/someone/missing/stopping",
    "just want/wanted ~ be ready/prepared",
    "if i/he/she/we/they/my/his/her/it/there/someone/somebody/the/you/patient/patients/one/people/anyone/your",
    "in case",
    "what if",
    "when should",
    "should/when i/he/she ever",
    "si me/le/tengo/siento/tiene",
    "suppose/supposing",
    "would happen",
    "god/heaven forbid",
    "what would ~ count/qualify",
)
NOT_HYPOTHETICAL = (
    "if i/he/she/we/they/you/someone/somebody/anyone/my_doctor/the_doctor can/could/should/may/need/needs/would",
    "as/even/like/feels if",
    "would/could/can/might i/he/she/it/this/that/they be",
    "would/could/might/can i/he/she/we/they/somebody/someone/my ~ come/help/get/see/speak/talk/tell/say/explain/look/check/stop/do/breathe/have_a/please/make/schedule/move/hear/bring/be/call",
    "know/sure/wonder/wondering/tell/see/ask/asking if",
)
QUESTIONS = (
    "does/do/can/could/will/would/may/might/is/are/what/which ~~ cause/causes/causing/lead_to/result_in/treat/treats/prevent",
    "side_effect/side_effects/prevent/prevents/preventing",
    "asked/asks/asking/ask ~ about",
    "want/like/wanted/wanting to know if/whether/about",
    "sheet/leaflet/pamphlet/paper/brochure/card/label/box/website/questionnaire ~ says/lists/said/warns/mentions/asks",
    "does/do/will/can/could ~~ give/gives/make/makes me/him/her/them/you/a/people",
    "sign/signs/symptom/symptoms/risk/risks/chance/chances/case/danger/dangers/warning_signs/cases of/for",
    "what is/are/does",
    "is/was it common/usual/typical",
    "difference between",
    "article/brochure/information/info/class/study/video/pamphlet/question/questions/read/learn/learning/research about/on/regarding",
    "worry/worried/scared/afraid/nervous/anxious/concerned about/of having/getting/a/another/any",
    "test/tested/checked/screened/screening/scan/evaluated for",
    "report/chart/note/notes/results say/says/said/mention/mentions",
)
MEDICINE_FOR = (
    "medicine/medication/medications/meds/pill/pills/prescription/refill/refills/inhaler/drug/tablets/nitroglycerin/something_prescribed ~~ for",
    "take/takes/taking/prescribed/use/uses/using/used ~~ for",
)
# Said after an imagined or asked sign: it is there ("how long do you let a seizure go, because it's been going a while").
SO_IT_IS = (
    "because it/he/she/that/this/mine/hers/his/they/ours is/has/was/keeps/one/been/did/does/can/will/looks/seems/feels/started",
    "because my/his/her/the ~ is/has/was/keeps/seeing/having/doing/can_not",
    "because mother/father/grandma/grandpa/husband/wife/baby/son/daughter is/has/was/keeps/seeing/having/doing/can_not",
    "because i can_not/keep/have_been/have_had/am_having/feel/just/think/have_got",
    "and it/he/she/i has/have/is/did/does",
    "because mine ~ did/has/is",
    "because i am/have throwing/vomiting/bleeding/having/shaking/dizzy/in_pain/been/got",
)
# Not of this world: on television, in a book, in play.
FICTION = (
    "on/in ~ soap_opera/movie/show/tv/television/novel/book/game/play/film/series/stories/podcast/program",
    "at fencing/paintball/practice/laser_tag/the_movies",
    "on the form under",
    "under relatives/family",
    "on that/the questionnaire ~ put/marked/answered/checked",
    "video game",
    "our/the/school play",
    "demonstrating/demonstrates/demonstrate",
    "in my/the dream/dreams/nightmare",
)
# Who has it is no person.
NO_PERSONS = frozenset(
    "dog dogs cat cats goat goats horse puppy kitten hamster chickens cow fax printer computer website phone car truck laptop "
    "lawnmower engine tv television system portal app network internet software server machine".split()
)
# A question about what is happening: "do I put my finger in if he's choking".
HAPPENS_IF = (
    "do/should/can i/we ~~ if/when/while he/she/they/it/the_baby is/are/can_not/will_not/keeps",
    "what do i do if/when ~ is",
    "is ~~ okay/ok/normal/too_high/dangerous/bad/safe/alright/serious for/if/in/because",
    "is it normal/alright/okay/ok/bad/right/safe/dangerous/serious ~ for/to/that/not/at/i/when/if/after/with",
    "how much/many ~~ give ~~ who is/has",
)
QUESTION_OPENERS = frozenset("is are does do can could what how when would which why will should did".split())
PERSONS = frozenset(
    "i my me he she his her him we us our they them husband wife son daughter mother father baby help child now "
    "grandma grandpa patient someone somebody please hurry".split()
)
THE_ONE = frozenset("my his her this the these our".split())

# ---- diagnoses by name: happening, or only named
HAPPENING = (
    "having/has/have/having_a/gets/getting/suffering",
    "think/thinks/believe/swear/sure/convinced/thought/probably/possible/possibly/definitely/possibly/probable",
    "might/may/could/must be/have/be_having/have_had/of_had",
    "look/looks/feel/feels/seem/seems/acting/sounds like/like_a",
    "sign/signs/symptom/symptoms of",
    "just had/now",
    "is/am/it_is/its a",
    "help/hurry/ambulance/please_help",
    "teniendo/dando/dio/tiene/tengo",
)
OTHERS = frozenset(
    "mother father brother sister grandmother grandfather grandma grandpa uncle aunt cousin neighbor friend husband "
    "wife son daughter coworker family she he partner boyfriend girlfriend".split()
)
# The sign is only part of a name: "stroke clinic", "heart attack price".
NEUTRAL_AFTER = frozenset(
    "clinic medicine medication medications meds pills doctor doctors specialist survivor survivors prevention risk "
    "history test tests study screening center unit rehab rehabilitation foundation walk awareness class price prices "
    "bill bills therapy dog support group pamphlet education brochure form paperwork insurance program hotline lifeline "
    "belt team department article video info information poster drill training fund kit follow followup patient "
    "patients log diary precautions plan coordinator nurse certification refill refills prescription season".split()
)
DOUBT_AFTER = frozenset("appointment appointments visit checkup check evaluation referral consult".split())
