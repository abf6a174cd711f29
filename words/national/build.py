"""A site's table from the shipped one and three national files. It adds and tightens; it frees nothing.

A drug that no reviewed row describes is added as high-risk and unclassified, and as controlled or of unknown
schedule: it is heard and named rightly, and its refill goes to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from words.drug_table import UNCLASSIFIED, Drug, strictest
from words.national.lines import BadLine, key_of
from words.national.meps import Fills
from words.national.ndc import Products
from words.national.rxnorm import RxNorm
from words.phonetic import similarity

LEAST_RECORDS = 10  # of a drug in the survey, for it to be added
ALIKE = 0.85  # how alike two names sound for an alarm
_RXNORM = "RxNorm, RXNCONSO.RRF"


@dataclass(frozen=True, slots=True)
class Sources:
    """What was read; a file that was not named is as if empty."""

    rxnorm: RxNorm = field(default_factory=RxNorm)
    fills: Fills = field(default_factory=Fills)
    products: Products = field(default_factory=Products)

    @property
    def bad(self) -> tuple[BadLine, ...]:
        return (*self.rxnorm.bad, *self.fills.bad, *self.products.bad)


@dataclass(slots=True)
class Built:
    """The site's rows, and in words what they change."""

    drugs: list[Drug] = field(default_factory=list)
    new_codes: list[str] = field(default_factory=list)  # generics
    other_codes: list[str] = field(default_factory=list)  # "generic: RxNorm has 2, the table had 1"
    new_schedules: list[str] = field(default_factory=list)
    new_brands: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    not_in_rxnorm: list[str] = field(default_factory=list)  # dispensed, unknown to both


def build(shipped: Sequence[Drug], sources: Sources) -> Built:
    """What a site's table holds: the shipped drugs of which more is known now, then the added ones."""
    built = Built()
    known = {key_of(drug.generic) for drug in shipped}
    taken = {name for drug in shipped for name in drug.names}
    for drug in shipped:
        more = _with_more(drug, sources, taken, built)
        if more != drug:
            built.drugs.append(more)
    for key, records in sources.fills.records.most_common():
        if key not in known and records >= LEAST_RECORDS:
            _add(key, shipped, sources, taken, built)
    return built


def _with_more(drug: Drug, sources: Sources, taken: set[str], built: Built) -> Drug:
    key = key_of(drug.generic)
    code = sources.rxnorm.codes.get(key, "")
    if code and not drug.rxcui:
        built.new_codes.append(drug.generic)
    elif code and code != drug.rxcui:
        built.other_codes.append(f"{drug.generic}: RxNorm has {code}, the table had {drug.rxcui}")
    schedule, source = strictest(
        (drug.schedule, drug.schedule_source), sources.products.schedules.get(key, ("", ""))
    )
    if schedule != drug.schedule:
        built.new_schedules.append(f"{drug.generic}: {schedule}, it was {drug.schedule or 'not known'}")
    return replace(
        drug,
        brands=(*drug.brands, *_brands(key, sources, taken, built)),
        controlled=True if schedule else drug.controlled,
        schedule=schedule,
        schedule_source=source,
        rxcui=code or drug.rxcui,
        rxcui_source=_RXNORM if code and code != drug.rxcui else drug.rxcui_source,
        fills=sources.fills.fills.get(key, 0),
    )


def _brands(key: str, sources: Sources, taken: set[str], built: Built) -> list[str]:
    """Brands of these ingredients that people are dispensed and no drug is known by yet."""
    found = sorted(
        name for name in sources.fills.written - taken if sources.rxnorm.brands.get(name) == key and key
    )
    taken.update(found)
    built.new_brands += found
    return [name.title() for name in found]


def _add(key: str, shipped: Iterable[Drug], sources: Sources, taken: set[str], built: Built) -> None:
    name = sources.rxnorm.names.get(key)
    if name is None:
        built.not_in_rxnorm.append(key)
        return
    brands = tuple(_brands(key, sources, taken, built))
    schedule, source = sources.products.schedules.get(key, ("", ""))
    built.added.append(name)
    built.drugs.append(
        Drug(
            generic=name,
            brands=brands,
            drug_class=UNCLASSIFIED,
            spoken=(),
            confusable_with=_alike((name, *brands), shipped),
            high_risk=True,
            controlled=True if schedule else None,
            schedule=schedule,
            schedule_source=source,
            rxcui=sources.rxnorm.codes[key],
            rxcui_source=_RXNORM,
            fills=sources.fills.fills[key],
        )
    )


def _alike(names: Sequence[str], shipped: Iterable[Drug]) -> tuple[str, ...]:
    """Generics of the shipped drugs with a name that sounds like one of these."""
    return tuple(
        drug.generic
        for drug in shipped
        if any(similarity(ours, theirs) >= ALIKE for ours in names for theirs in drug.names)
    )
