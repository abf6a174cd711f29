"""Generated practices' patients: namesakes, twins and housemates, all from the seed."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any, Final

Person = dict[str, Any]
ROSTER: Final = 60  # patients, in pairs that are easily taken for one another
GIVEN = (
    "Alice Amanda Andrew Angela Barbara Brian Carol Charles Cheryl Daniel Deborah Dennis Diana Edward "
    "Emily Frank Gloria Harold Helen Jacob Janet Jason Joyce Kevin Laura Lawrence Martha Michael Nancy "
    "Nathan Pamela Patrick Peter Rachel Raymond Rebecca Ronald Rosa Ruth Samuel Sandra Sharon Stephen "
    "Teresa Victor Vincent Virginia"
).split()
FAMILY = (
    "Adams Bailey Barnes Bennett Bryant Butler Campbell Carter Castillo Coleman Collins Cooper Cruz "
    "Diaz Edwards Fisher Flores Foster Garcia Gomez Graham Griffin Hamilton Harrison Henderson "
    "Hernandez Jenkins Johnson Kelly Marshall Martinez Mitchell Morgan Morris Murphy Nelson Olson "
    "Parker Patterson Perez Peterson Ramirez Reynolds Richardson Rivera Robinson Sanchez Simmons "
    "Stewart Sullivan Thompson Turner Vasquez Wallace Watson Woods"
).split()
TWINS = (("Hannah", "Anna"), ("Ellen", "Helen"), ("Aaron", "Adam"), ("Marie", "Maria"), ("Jason", "Mason"))
LABELS = (
    "lisinopril 10 MG Oral Tablet", "atorvastatin 20 MG Oral Tablet", "amlodipine 5 MG Oral Tablet",
    "metformin hydrochloride 500 MG Oral Tablet", "omeprazole 20 MG Delayed Release Oral Capsule",
    "losartan potassium 50 MG Oral Tablet", "sertraline 50 MG Oral Tablet", "montelukast 10 MG Oral Tablet",
    "levothyroxine sodium 0.05 MG Oral Tablet", "rosuvastatin 10 MG Oral Tablet",
    "citalopram 20 MG Oral Tablet",
    "prednisone 5 MG Oral Tablet", "hydroxyzine 25 MG Oral Tablet", "hydralazine 25 MG Oral Tablet",
)  # fmt: skip
PHARMACIES = {
    "main-street-pharmacy": "Main Street Pharmacy",
    "harbor-drugs": "Harbor Drugs",
    "elm-square-pharmacy": "Elm Square Pharmacy",
}


class Roster:
    """A generated practice's patients, as backends/demo_patients.toml would tell them."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self._numbers = iter(dice.sample(range(2_000_000, 9_999_999), 4_000))
        self.people: list[Person] = []
        self.pairs: dict[str, list[tuple[Person, Person]]] = {}
        makers = {"same name": self._namesakes, "twin": self._twins, "household phone": self._household}
        while len(self.people) < ROSTER:
            kind = dice.choice(tuple(makers))
            one, other = makers[kind]()
            self.people += [one, other]
            self.pairs.setdefault(kind, []).append((one, other))

    def number(self) -> str:
        """A telephone number that is nobody's yet."""
        return f"+1617{next(self._numbers)}"

    def _person(self, **known: Any) -> Person:
        dice, order_count = self.dice, self.dice.randint(1, 3)
        base = {
            "id": f"pt-g{len(self.people) + len(known.get('after', ())):03}",
            "given": [dice.choice(GIVEN)],
            "family": dice.choice(FAMILY),
            "gender": dice.choice(("female", "male")),
            "born": date(1930, 1, 1) + timedelta(days=dice.randrange(75 * 365)),
            "phone": self.number(),
            "zip": f"02{dice.randrange(100, 500)}",
            "provider": dice.choice(("dr-chen", "dr-patel")),
            "visit_days_ago": dice.randrange(20, 300),
            "orders": [_order(label, dice) for label in dice.sample(LABELS, order_count)],
        }
        known.pop("after", None)
        return base | known

    def _namesakes(self) -> tuple[Person, Person]:
        one = self._person()
        same_day = self.dice.random() < 0.3  # and then only the number or ZIP tells them apart
        born = {"born": one["born"]} if same_day else {}
        return one, self._person(given=one["given"], family=one["family"], after=(one,), **born)

    def _twins(self) -> tuple[Person, Person]:
        left, right = self.dice.choice(TWINS)
        one = self._person(given=[left])
        shared = {name: one[name] for name in ("family", "born", "phone", "zip")}
        return one, self._person(given=[right], after=(one,), **shared)

    def _household(self) -> tuple[Person, Person]:
        one = self._person()
        return one, self._person(family=one["family"], phone=one["phone"], zip=one["zip"], after=(one,))

    def pair(self, kind: str) -> tuple[Person, Person]:
        """Two who are alike in this way."""
        pairs = self.pairs.get(kind)
        return self.dice.choice(pairs) if pairs else (self.people[0], self.people[1])


def _order(label: str, dice: random.Random) -> dict[str, Any]:
    pharmacy = dice.choice(tuple(PHARMACIES))
    return {"label": label, "days": 300, "repeats": 0, "supply": 90, "fills": [85], "pharmacy": pharmacy}
