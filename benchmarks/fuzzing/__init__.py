"""What comes from outside, read by atheris (libFuzzer): see `benchmarks.fuzz`.

A target is a module with ``seeds()`` and ``once(data)``. ``once`` lets errors of our own tree pass and raises
for everything else, also for an answer that may not be.
"""

TARGETS: dict[str, tuple[str, ...]] = {  # and the packages whose branches guide the search
    "codec": ("telephony",),
    "twiml": ("telephony.double", "telephony.twiml"),
    "forms": ("telephony",),
    "charts": ("backends", "fhir"),
    "words": ("intents", "words"),
}
