# ruff: noqa: E501 -- word lists: one sign or group a line reads better than wrapped
"""The cue words that place a danger sign in time. Notation as in the catalogue; sources as in ``cues``."""

from __future__ import annotations

# Said of the present whatever else is said.
NOW = (
    "now/still/again/currently/today/tonight/ongoing/constantly",
    "right now/this_minute/here",
    "at the/this moment",
    "minutes/seconds/minute ago",
    "just/also now/started/had/happened/took/swallowed/passed/fell/hit/collapsed/fainted",
    "come/came/comes/coming/is/are/has_come back",
    "all day/night/morning/week",
    "not/never gone/went/go/going/stopped/go_away/stop away?",
    "will/would not stop/go_away/quit",
    "getting/gotten worse",
    "ahora/ahorita/hoy/todavia",
    "acting up",
    "never/not had/felt/seen/been ~~ this/like_this/so",
    "like ~ did ~ then/before",
    "twice/times/again this morning/afternoon/evening/week",
    "this/last/yesterday morning/afternoon/evening/night/week? ~~ first one/time/seizure? ever",
)
# A result comes back, not the sign.
NOT_NOW = (
    "test/tests/result/results/scan/labs/biopsy/culture/x_ray/mri ~ came/come/comes back",
    "came/come/comes back ~ normal/negative/clear/fine/clean/good/okay",
)
# Of the present, unless the sentence is placed in the past: "years ago I woke up numb".
GOING_ON = (
    "since/keeps/keep/started/starting/starts/begun/began",
    "been having/getting/feeling/hurting/happening",
    "am/is/are having/getting/feeling/experiencing/not",
    "for the last/past",
    "woke/wakes ~ up",
)
LONG_AGO = (
    "years/year/months/month/weeks/week/decades/decade/winters/summers/springs/falls ago/back/earlier",
    "last year/month/summer/winter/spring/fall/autumn/semester/season/christmas/easter/thanksgiving/week/time/january/february/march/april/may/june/july/august/september/october/november/december",
    "in/since/around/from/of/during {year}",
    "in/around/last/back_in january/february/march/april/june/july/august/september/october/november/december",
    "back when/then",
    "back in the/my/his/her/{year}/high_school/college/school/nineteen/those",
    "a while ago/back",
    "long time ago/back",
    "ages ago",
    "in ~ vietnam/korea/iraq/afghanistan/kuwait/desert_storm/the_gulf/germany/world_war",
    "in the? spring/summer/winter/autumn/eighties/nineties/seventies/sixties",
    "at age/the_age_of one/two/three/four/five/six/seven/eight/nine/{age}",
    "when i/he/she was one/two i/he/she/and/they/my",
    "from when",
    "when we/they/i were/was kids/children/young/little/boys/girls/small/newlyweds",
    "de chiquita/chiquito/pequena/pequeno",
    "primer/primera embarazo/hijo/hija/esposo",
    "my first husband/wife/marriage/pregnancy/child/baby",
    "in/at college/school/high_school/the_army/the_navy/the_service/the_war/boot_camp/grade_school/kindergarten",
    "in my/his/her/their/our teens/twenties/thirties/forties/fifties/sixties/youth/childhood/younger_years/last_years/first_pregnancy/first_marriage/twenties_and_thirties",
    "at birth/christmas/easter/thanksgiving/christmas_time",
    "as a newborn/toddler/young/teen/girl/boy/student/soldier",
    "in forty/fifty/sixty/seventy/eighty/ninety one/two/three/four/five/six/seven/eight/nine",
    "when i/he/she/we/they was/were ~ diagnosed/married/born/toddler/infant/stationed/teen",
    "when ~ first saw/met/came/started/diagnosed",
    "out at {age}",
    "before the/my/his/her bypass/stent/insulin/ablation/pacemaker/valve/transplant/medicine/medication/pill/pills/statin",
    "years after/after_that",
    "there was a time",
    "the war",
    "de nino/nina/joven/chico/chica/adolescente",
    "cuando era/eramos/tenia",
    "hace ~ anos/meses",
    "a los/las ~ anos/meses",
    "when i/he/she was/were/had ~ kid/child/young/little/girl/boy/younger/baby/teenager/twenties/thirties/pregnant/college/school/{age}",
    "as a child/kid/baby/teenager",
    "previous/previously/prior/earlier_this_year/survivor/former/childhood/in_the_past/in_my_past",
    "four/five/six/seven/eight/nine/ten/eleven/twelve/4/5/6/7/8/9/10/11/12/14 days ago",
    "el ano pasado",
    "the time/year i/he/she",
    "before i/he/she/we/they was/were born",
)
# Right before the sign, whatever the tense: "a history of", "used to get".
HISTORY_OF = (
    "year/years/months since",
    "lost ~ pregnancies/pregnancy/babies to",
    "history/hx of/with",
    "used to",
    "died/dying/die/passed_away/passed of/from",
    "recovering/recovered/recovery/rehab/hospitalized/admitted/follow_up/followup/followed from/after/for",
    "my/his/her/any/of/with/the/our past",
)
HISTORY_REACH = 3
# Anywhere in the clause, whatever the tense: of a whole life, of the family.
LIFELONG = (
    "since/from birth/childhood/i_was_born/he_was_born/she_was_born/infancy/a_child",
    "on my/his/her/their mother/father side",
    "on both sides",
    "all my/his/her life",
    "runs/run in ~ family",
)
# Somebody who is dead: whatever they had is over.
DECEASED = (
    "my/our/his/her late husband/wife/mother/father/brother/sister/son/daughter/uncle/aunt/grandmother/grandfather/partner",
    "god rest his/her/their/him/her",
    "rest in peace",
    "que en paz descanse",
    "he/she/who passed in",
    "at/near the end and/he/she/god/his/her/it/with",
)
# Said later in the turn: it has not come to that.
NOT_YET = (
    "it/he/she/i/they has/have not ~ yet/started/happened/begun",
    "it has not but",
    "i/he/she have/has got none",
    "i have not had/missed/taken",
    "just like/want/trying to be? prepared/plan/ready/know",
    "is fine/well/okay/perfect now",
    "it is for ~ training/class/bulletin/list/sticker/leaflet/form/paper/book/story/school/babysitter",
)
# With a circumstance ("after her c-section years ago") only what is surely over.
AGES_AGO = (
    "years/decades/decade/winters/summers ago/back/earlier",
    "last year/season/semester/summer/winter/spring/fall/autumn",
    "way back",
    "a long time ago",
    "in {year}",
)
RECENT = (
    "last night",
    "yesterday/overnight/ayer/anoche",
    "this morning/afternoon/evening/weekend",
    "earlier today?",
    "hours/hour ago",
    "the other day/night",
    "one/two/three/couple/couple_of/few/1/2/3 days/nights/day ago",
    "over/on/this the? weekend/monday/tuesday/wednesday/thursday/friday/saturday/sunday",
    "day before",
)
ENDED = (
    "went/gone/goes/going away",
    "gone/resolved/stopped/subsided/passed/ended/disappeared/vanished/over_now/cleared_up/let_up/eased/quit",
    "is/feel/feels/feeling/got/much/all/getting/was better",
    "is/it is over/done/gone",
    "se quito/paso",
)
NOT_ENDED = (
    "not/never/will_not/until ~ gone/go/away/stopped/stop/resolved/better/quit/over/passed/subsided/ended/let_up/ease/eased",
    "stopped/quit working/talking/breathing/moving/responding/taking/eating/drinking/answering/helping/my/the/his/her/by",
    "passed out/away",
)
PRESENT_VERBS = frozenset("have has having am is are feel feels feeling get getting hurts keep keeps".split())
PRESENT_IN_SIGN = frozenset(
    "hurts hurting can is am are having will feels aching racing pounding gasping choking seizing burning unconscious "
    "unresponsive bleeding want wants turning duele no quiero".split()
)
PAST_VERBS = frozenset("had was were felt experienced suffered tuve tenia".split())
# A told past: with one of these in its clause a sign may be closed by what follows ("that was years ago").
TOLD_PAST = frozenset(
    "had was were felt got been could did bled lost broke turned came went ran took hit gave thought saw spent tried wanted "
    "swelled opened popped burst peeled stopped made put told said tuve tenia era estuve estaba pense tome fue".split()
)
CLOSED = (
    "that/it/this was/is ~ years/year/months/weeks/decades/ages/winters/summers/long ago/back",
    "that/it/this was ~~ picnic/childhood/college/school/past/before/long_ago/back_then/then",
    "all/now? in the past",
    "behind me/us/him/her",
    "been well/fine/good/great/okay/ok/healthy/controlled/sober/clean/free/at_peace/in_remission/clear ~ for/since/ever_since",
    "been ~ for ~ years/decades/ages",
    "is/are/am {age}/sixty/seventy/eighty/sixty_one/sixty_five/seventy_two/eighty_one now",
    "is/are ~ in high_school/college/middle_school/school/third_grade/fourth_grade/kindergarten now",
    "now ~ is/am/are ~ foot/feet/grown/married/sixty/seventy/forty/thirty",
    "is/are six/five foot",
    "turned_out/ended_up ~~ reflux/nothing/gas/rib/anxiety/panic/muscle/heartburn/allergy/flu/virus/dehydration/indigestion/cramp/false_alarm/cold",
    "fully/all/completely/long_since healed/mended/recovered/cured",
    "it healed",
    "never came/come/came_back/happened/had ~ again/back/since/one_since",
    "none since",
    "no problems/problem/trouble/issues/more ~ since",
    "good since",
    "still tease/laugh/talk/joke",
    "outgrew/outgrown",
    "another time/life/era/lifetime",
    "those days",
    "still here at",
    "so i have always/never/avoided",
    "so i come/get/go in? every/yearly/checked",
    "so i want/need/would_like/would ~~ checked/screened/tested/test/screening",
    "they/doctor/he/she cleared me/him/her",
    "fifty/forty/thirty/twenty years ago",
    "now and then they",
    "is/are/am ~ {age}/thirty_five/sixty_five/forty_two now",
    "pero ya no",
    "hace ~ anos",
    "eso fue ~ hace/anos/pueblo/rancho/antes",
    "in the/our/my/his/her? family history",
)
