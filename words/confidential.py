"""Services that the law lets a patient keep from family: contraception, sexual health, mental health,
substance use (45 CFR 164.502(g)(3) leaves minors' consent to the states; 42 CFR part 2 on substance use).

Somebody who speaks for a patient is passed to a person for them, and is read nothing of them.
"""

from __future__ import annotations

import re

# Classes of the formulary that tell of such a service.
CLASSES = frozenset(
    {
        *(
            "hormonal contraceptive",
            "oral contraceptive",
            "contraceptive implant",
            "intrauterine contraceptive",
        ),
        *("antiretroviral", "alcohol dependence medicine", "opioid antagonist", "opioid partial agonist"),
        *("SSRI antidepressant", "SNRI antidepressant", "tricyclic antidepressant", "antidepressant"),
        *("MAO inhibitor", "antipsychotic", "mood stabilizer", "anxiolytic", "benzodiazepine"),
    }
)
# Security labels of a resource that say the same, https://terminology.hl7.org/ValueSet-v3-ActCode.html
# (InformationSensitivityPolicy) and v3-Confidentiality.
MARKS = frozenset(
    {
        *("R", "V", "42CFRPart2", "ETH", "ETHUD", "ALC", "OPIOIDUD", "SUD", "HIV", "STD", "SEX", "SOCIAL"),
        *("PSY", "MH", "PSYTHPN", "BH", "SDV", "REPRO", "GEND", "ADOL"),
    }
)
PART_2 = "42CFRPart2"  # bars reading out to anybody by telephone
_SAID = re.compile(
    r"\b(birth control|contracepti(on|ves?)|plan b|morning after|iud|pregnan(t|cy)( test)?|abortion"
    r"|s\.?t\.?[di]s?|sexual(ly)?( health)?|hiv|chlamydia|gonorr?h(o?ea)|syphilis|herpes"
    r"|mental health|depress(ion|ed)|anxiety|psych\w*|counsell?(ing|or)|antidepressants?|suicid\w*"
    r"|substance|rehab|detox|addict(ion|ed)?|alcohol(ism)?|suboxone|methadone|overdos\w*)\b"
)


def mentioned(text: str) -> bool:
    """Whether words tell of such a service."""
    return bool(_SAID.search(text.lower()))
