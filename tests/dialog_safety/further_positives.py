"""More sentences that must raise their danger sign: plain ones, as most callers say it."""

FURTHER: dict[str, tuple[str, ...]] = {
    "RF01": (
        "it's like something is pressing down on me right here and it runs down to my elbow",
        "my dad's chest is bothering him he says it's like a squeezing and he looks gray",
        "i was mowing and i got this burning behind my breastbone that won't quit",
        "there's a pain across the front of my chest when i take a breath",
    ),
    "RF02": (
        "my husband woke up and one side of his mouth is hanging",
        "i can't get my left leg to move and my words are coming out funny",
        "she's dragging her foot and she doesn't make sense when she talks",
        "the worst headache i've ever had hit me like a brick ten minutes ago",
    ),
    "RF03": (
        "i'm so short of breath i had to sit on the edge of the bed all night",
        "he's breathing really fast and his lips look blue",
        "my daughter used her inhaler three times and she still can't catch her breath",
        "i feel like i'm drowning when i lie down",
    ),
    "RF04": (
        "he ate shrimp and his face is blowing up and he's wheezing",
        "i got stung by a wasp and my throat feels tight",
        "i broke out in hives everywhere and my lips are swelling after the new antibiotic",
    ),
    "RF05": (
        "i cut my leg and the blood is soaking through the towel",
        "my nose won't stop bleeding it's been forty minutes",
        "i've been vomiting something that looks like coffee grounds",
        "there's a lot of blood in the toilet and i feel lightheaded",
    ),
    "RF06": (
        "my wife just collapsed in the bathroom",
        "i can't wake my roommate up he's not responding",
        "he passed out at the dinner table and he's still out",
    ),
    "RF07": (
        "my son is having a seizure he's shaking all over",
        "she's jerking and her eyes rolled back",
        "he had a fit and hasn't come around",
    ),
    "RF08": (
        "i don't see any reason to keep going",
        "my son says he's going to kill himself tonight",
        "i took out the razor and i've been cutting again",
        "everybody would be happier if i just disappeared",
        "i keep thinking about ending it",
    ),
    "RF09": (
        "my boyfriend choked me last night and he's coming back",
        "he's got a gun and he says he'll use it",
        "i feel like i'm going to hurt my kids",
    ),
    "RF10": (
        "my toddler drank some bleach",
        "i took twenty tylenol",
        "grandma took her heart pills twice by accident",
    ),
    "RF11": (
        "i'm thirty weeks and the baby hasn't moved since yesterday",
        "i'm pregnant and i'm bleeding",
        "i gave birth last week and i have a terrible headache and i see spots",
        "i'm thirty six weeks and my hands and face are really swollen",
    ),
    "RF12": (
        "my newborn has a temperature of a hundred and one",
        "my six week old feels hot and it says one hundred point nine",
    ),
    "RF13": (
        "i've got a terrible pain in my stomach and it's hard as a rock",
        "my son's testicle is swollen and really painful",
        "the pain in my lower right side is so bad i can't stand up straight",
    ),
    "RF14": (
        "my mother fell and hit her head and she's on eliquis",
        "he banged his head and now he's throwing up",
        "my son got hit in the head with a bat and he doesn't remember what happened",
    ),
    "RF15": (
        "my father has a fever and he's talking out of his head",
        "she has a bladder infection and now she's shaking and can't stay awake",
        "his fever is a hundred and three and he's breathing so fast",
    ),
    "RF16": (
        "i suddenly can't see out of my right eye",
        "it's like a curtain came down over half of my eye",
        "everything went black in one eye an hour ago",
    ),
    "RF17": (
        "my sugar is forty two and i'm shaking",
        "my husband's glucose is thirty eight and he's confused",
    ),
    "RF18": (
        "my meter says four hundred and eighty and i've been throwing up",
        "my daughter's diabetic and her breath smells like nail polish and she's breathing hard",
    ),
    "RF19": (
        "i had my knee replaced and now my calf is swollen and hurts",
        "my incision popped open and there's pus",
        "i had surgery two days ago and i can't pee",
        "since the operation i have a fever of one oh two",
    ),
    "RF20": (
        "my two year old is so limp and i can't get him to wake up",
        "my baby hasn't had a wet diaper since last night",
        "she has purple spots that don't go away when i press on them and a fever",
        "you can see his ribs sucking in every time he breathes",
    ),
    "RF21": (
        "my son is choking on a grape",
        "she's got a piece of meat stuck and she can't talk",
        "something's stuck in his throat and he's turning blue",
    ),
    "RF22": (
        "i spilled boiling water all over my arm",
        "he fell off the roof and he can't feel his legs",
        "my finger got caught in the saw and it's hanging by a thread",
        "she got bit by a rattlesnake",
        "he grabbed a live wire and got thrown across the room",
    ),
    "RF23": (
        "my grandmother doesn't know who i am today",
        "dad suddenly started talking nonsense this morning",
        "my husband's eighty and since last night he's seeing people who aren't there",
    ),
    "RF24": (
        "my skin is peeling off since i started that new medicine",
        "i have blisters in my mouth and a fever after starting bactrim",
    ),
    "RF25": (
        "my heart was racing and then i fainted",
        "my heart keeps skipping and i almost passed out",
        "my defibrillator just went off",
    ),
    "RF26": (
        "please somebody help me i need an ambulance",
        "this is an emergency",
        "something is really wrong with me",
        "i think i'm dying",
    ),
}
