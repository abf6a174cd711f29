"""What one would try first: TF-IDF of words and word pairs, and a logistic regression a label.

Trained on what the network is shown in two epochs, the kind of question among the words. Its thresholds are
chosen as the classifier's are: on the families held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from intents.augment import Row, epoch_rows, test_row
from intents.corpus import examples
from intents.decisions import Floats, Settings, decided, membership
from intents.fitting import SECONDS, best_threshold, whole_right
from models.domain import ExpectationKind, Intent
from words.tokens import words

Wishes = tuple[tuple[Intent, float], ...]
FREEDOM = 10.0  # against regularisation; scikit-learn's own 1 serves it worse
_NEUTRAL = Settings()
_SEED = 5  # of the solver's order
_EPOCHS = 2


@dataclass(frozen=True, slots=True)
class Baseline:
    vectorizer: Any
    weights: Floats  # [words and word pairs, labels]
    bias: Floats
    settings: Settings = _NEUTRAL

    def wishes(self, text: str, kind: ExpectationKind) -> Wishes:
        """Most likely first; none: refused."""
        return decided(self.probabilities([(text, kind)])[0], self.settings)

    def probabilities(self, said: Sequence[tuple[str, ExpectationKind]]) -> Floats:
        matrix = self.vectorizer.transform([document(text, kind) for text, kind in said])
        return np.asarray(1.0 / (1.0 + np.exp(-(matrix @ self.weights + self.bias))), dtype=np.float32)


def train() -> Baseline:
    """On the families that teach; the thresholds are chosen on the others, as the network's are."""
    seen = [example for example in examples() if not example.is_test]
    held = [test_row(example) for example in examples() if example.is_test]
    draft = _fitted([row for epoch in range(_EPOCHS) for row in epoch_rows(seen, epoch)])
    found = draft.probabilities([(row.text, row.kind) for row in held])
    targets = membership([row.intents for row in held]).astype(np.float32)
    return replace(draft, settings=_thresholds(found, targets))


def _thresholds(found: Floats, targets: Floats) -> Settings:
    """As the classifier's are chosen."""
    given = Settings(threshold=best_threshold(found, targets))
    second = max(SECONDS, key=lambda limit: whole_right(found, targets, replace(given, second=limit)))
    return replace(given, second=second)


def _fitted(rows: Sequence[Row]) -> Baseline:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True)
    matrix = vectorizer.fit_transform([document(row.text, row.kind) for row in rows])
    targets = membership([row.intents for row in rows]).astype(int)
    one = LogisticRegression(C=FREEDOM, solver="liblinear", random_state=_SEED)
    models = OneVsRestClassifier(one).fit(matrix, targets).estimators_
    weights = np.vstack([model.coef_ for model in models]).T
    return Baseline(vectorizer, weights, np.hstack([model.intercept_ for model in models]))


def document(text: str, kind: ExpectationKind) -> str:
    """The words, and the kind of question as one more."""
    return " ".join((*words(text), f"asked:{kind.value}"))
