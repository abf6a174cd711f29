"""The forms of yes and no, by where in an answer they count."""

from __future__ import annotations

from words.tokens import phrases, word_set

UNDECIDED = phrases(
    "i don't know|i do not know|not sure|not certain|no idea|i'm unsure|maybe|perhaps|it depends"
    "|i can't remember|yes and no|i couldn't tell you|could be|i don't remember|i dunno|dunno|no clue"
    "|i wouldn't know|i couldn't say|hard to say|can't say|can't tell|i forget|i forgot|don't recall"
    "|i have no idea|it doesn't matter|it does not matter|doesn't matter|no preference|whatever|don't know"
    "|who knows|no way to tell|i don't care|never mind|nevermind|forget it"
)
YES_DESPITE_NO = phrases(
    "no problem|no worries|no that's right|no that's correct|no that's fine|no you're right|no you got it"
    "|why not|no doubt|no objection|no that's good|no that works|no that sounds good|no yeah|no yes"
    "|no that's perfect|no not a problem|no no problem|no that's not a problem|no that's no problem"
    "|that's not a problem|that is not a problem|it's not a problem|that's no problem|that isn't a problem"
    "|that's not bad|not a problem|not a bad idea|not bad|i don't mind|don't mind|i do not mind"
    "|i wouldn't mind|wouldn't mind|i don't see why not|i see no reason not to|no complaints there"
)
NOT_AN_ANSWER = phrases(
    "no one|no matter|right now|right away|right here|good morning|good afternoon|good evening"
    "|i didn't hear|i did not hear|i didn't catch|i did not catch|i didn't get that|i didn't understand"
    "|i don't understand|i can't hear|i couldn't hear|didn't hear|didn't catch"
)
NO_FIRST = phrases(
    "no|nope|nah|naw|uh uh|nuh uh|unh unh|mm mm|nuh|negative|never|not|hell no|noo|nay|incorrect|wrong"
    "|that isn't|that's not|that is not|that's wrong|it isn't|it's not|it is not|i'm not|i am not"
    "|i don't|i do not|i didn't|i did not|i haven't|i have not|i wouldn't|i would not|it doesn't"
    "|it does not|yeah no|yes no|neither|don't|do not|none|please don't|i'm afraid not|absolutely not"
    "|definitely not|certainly not|of course not|probably not|i guess not|guess not|i think not|i hope not"
    "|i suppose not|i believe not|apparently not|i'd say no|nothing|hardly|unfortunately not|that's incorrect"
    "|that is incorrect|i'd say not|not exactly|not quite|i doubt it|you got it wrong|you've got it wrong"
    "|you have it wrong|you got that wrong|that's a no|that would be a no|that's a negative|i can't do that"
    "|nothing else|nothing more|nothing new|nothing really|nothing at all|nothing thanks|nothing thank you"
    "|nothing as of now|nothing for now|i disagree|that is false|that's false|that's inaccurate"
)
NO_ANYWHERE = phrases(
    "i don't think so|i do not think so|not really|not at all|that's not right|that is not right"
    "|that's not correct|that is not correct|that's wrong|that is wrong|i'd rather not"
    "|i would rather not|i don't want|i do not want|no thank you|no thanks|none of those|none of them"
    "|none of these|neither one|neither of|by no means|don't do that|not that i know of"
    "|not that i can think of|i can't make|won't work|doesn't work|does not work|that's incorrect"
    "|that is incorrect|i guess not|i'm afraid not|not that i'm aware of"
)
YES_FIRST = phrases(
    "yes|yeah|yep|yup|yea|ya|yah|yessir|uh huh|aha|mhm|mm hmm|mmhmm|mm hm|um hum|um hmm|uhhuh|yes sir"
    "|yes ma'am|correct|right|sure|certainly|absolutely|definitely|affirmative|indeed|exactly|alright"
    "|all right|of course|you bet|you got it|go ahead|please do|sounds good|sounds great|sounds right"
    "|sounds fine|that's me|perfect|works for me|i think so|i guess so|i believe so|i suppose so"
    "|by all means|very good|you are correct|you're right|si|that's the one|that one|do it"
    "|let's do it|let's do that|confirmed|for sure|ok|okay|great|wonderful|excellent|fine|good"
    "|i'd say so|i'd say yes|probably yes|sounds like a plan|you can|you may|i hope so|go for it"
    "|i'd love to|that's a yes|that would be a yes|i think that's right|i believe that's right|yepp"
    "|yeap|it's true|that's true|that is true|i agree|agreed|awesome|cool"
)
# Answers only when they are all that is said.
YES_ALONE = phrases(
    "i do|i am|i did|i have|i would|i will|it is|it does|that is|that's it|that is it|please|i guess"
    "|i suppose|we do|i can|yes'm|it was|there is|there are"
)
WEAK = phrases(
    "i guess so|i suppose so|i think so|i believe so|i guess|i suppose|fine|good|ok|okay|aha|great"
)
OPENERS = word_set("um uh er well oh ah hmm hm so and but the just like let's see a")
TURNED = phrases(
    "no wait|no sorry|no i mean|i said|i mean|i meant|wait|sorry|actually|scratch that|correction|oops"
    "|i'm sorry"
)
BUT_NOT = phrases(
    "i don't|i do not|i can't|i cannot|i didn't|it isn't|it's not|it is not|that's not|that is not"
    "|that isn't|i'm not|i won't|i haven't|it doesn't|i am not|i wouldn't"
)
NOTHING_ELSE = phrases(
    "that's it|that is it|that's all|that is all|that'll be all|that will be all|i'm good|i'm all set"
    "|all set|that's everything|i think that's it|i think that's all|nothing else|that was it|that was all"
    "|i'm fine|i'm okay"
)
NO_PROBLEM = phrases("no problem|no no problem|nope no problem|not a problem|no not a problem|no worries")
STRONG_NO = phrases("no|nope|nah|not|never|i don't think so|no way")
TAILS = word_set("please thank thanks you sir ma'am maam yes yeah dear honey then too so")
