"""Entity readers: pure functions from words to a value, its place, its certainty and its rivals.

A reader that does not understand returns nothing. None guesses, and none looks at a clock: "today"
is an argument.
"""
