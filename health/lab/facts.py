"""A backtest without days: one example a customer, from what is stored of them, and whether they have left.

Nothing here can say how long before a departure it would have told, nor what was known then; it says which facts go
with leaving, and how well all of them together tell customers apart that they were not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from health.lab.backtest import FEWEST_CHURNS, Flags, Floats, Separation, separation
from health.lab.fitting import FOLDS, fit_risk, risk_by

SAYS_THE_OUTCOME = 0.98
"""A column that tells by itself so well was very likely written when the customer left."""
FEWEST_KNOWN = 20
MOST_LEVELS = 20
OTHERS = "Any other"
MISSING = "Not known"
PULLED = 10.0
"""So many average customers stand beside each text's own, or a text of two customers would be an oracle."""
ORDERING_FOLDS = 2
"""Of the five, those by which texts are put in order."""
MOST_SPREAD = 4.0
"""Standard deviations to which a figure is cut: one large customer is no slope."""
SHARES = (0.1, 0.2, 0.3)

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Customers of whom one text is stored."""

    text: str
    customers: int
    churned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How well one column tells by itself, and in which direction: the middle figure of those who left and of the
    others, or the texts with the most and the fewest that left."""

    separation: Separation
    medians: tuple[float, float] | None = None
    levels: tuple[Level, Level] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A column of numbers; NaN is missing."""

    label: str
    values: Floats

    @property
    def missing(self) -> Flags:
        return np.isnan(self.values)

    @property
    def is_constant(self) -> bool:
        return len(np.unique(self.values)) == 1

    def told(self, positive: Flags, folds: Codes, *, tries: int) -> Told | None:
        """Ranked by the figure itself, up or down."""
        known = ~self.missing
        values, left = self.values[known], positive[known]
        found = separation(values, left, tries=tries)
        if found is None:
            return None
        if found.auc < 0.5:
            found = Separation(auc=1 - found.auc, low=1 - found.high, high=1 - found.low)
        return Told(separation=found, medians=(float(np.median(values[left])), float(np.median(values[~left]))))

    def columns(self) -> list[Floats]:
        """In standard deviations. Mean and spread are of all customers: they say nothing of who has left."""
        missing = self.missing
        known = self.values[~missing]
        spread = float(known.std()) or 1.0
        scaled = np.clip((self.values - float(known.mean())) / spread, -MOST_SPREAD, MOST_SPREAD)
        return [np.where(missing, 0.0, scaled)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A column of a few texts, as codes; -1 is missing."""

    label: str
    codes: Codes
    levels: tuple[str, ...]

    @property
    def missing(self) -> Flags:
        flags: Flags = self.codes < 0
        return flags

    @property
    def is_constant(self) -> bool:
        return len(np.unique(self.codes)) == 1

    def told(self, positive: Flags, folds: Codes, *, tries: int) -> Told | None:
        """Ranked by the share that left among two folds, and judged by the other three: their own would make an order
        of chance, and taking turns would let the same chance count in every fold."""
        codes, size = np.where(self.missing, len(self.levels), self.codes), len(self.levels) + 1
        ordering = folds < ORDERING_FOLDS
        customers = np.bincount(codes[ordering], minlength=size)
        churned = np.bincount(codes[ordering], weights=positive[ordering], minlength=size)
        shares = (churned + PULLED * float(positive[ordering].mean())) / (customers + PULLED)
        found = separation(shares[codes[~ordering]], positive[~ordering], tries=tries)
        return None if found is None else Told(separation=found, levels=self._ends(codes, positive))

    def columns(self) -> list[Floats]:
        """Noughts and ones, a column a text."""
        return [(self.codes == code).astype(np.float64) for code in range(len(self.levels))]

    def _ends(self, codes: Codes, positive: Flags) -> tuple[Level, Level] | None:
        """The texts with the most and the fewest departures, of those that enough customers have. That nothing is
        known is an end only where there is no second text."""
        names = (*self.levels, MISSING)
        customers = np.bincount(codes, minlength=len(names))
        churned = np.bincount(codes, weights=positive, minlength=len(names))
        common = [at for at in range(len(names)) if customers[at] >= FEWEST_KNOWN]
        texts = [at for at in common if at < len(self.levels)]
        common = texts if len(texts) > 1 else common
        if len(common) < 2:
            return None
        common.sort(key=lambda at: churned[at] / customers[at])
        most, fewest = (
            Level(text=names[at], customers=int(customers[at]), churned=int(churned[at]))
            for at in (common[-1], common[0])
        )
        return most, fewest


Fact = Figures | Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """So many, ranked as the riskiest, and how many of them had left."""

    share: float
    flagged: int
    hits: int


def texts_of(label: str, texts: Sequence[str | None]) -> Texts:
    """The most frequent texts; rarer ones are one text together."""
    counts: dict[str, int] = {}
    for text in texts:
        if text:
            counts[text] = counts.get(text, 0) + 1
    kept = sorted(counts, key=lambda text: (-counts[text], text))[:MOST_LEVELS]
    places = {text: place for place, text in enumerate(kept)}
    codes = np.array([places.get(text, MOST_LEVELS) if text else -1 for text in texts], dtype=np.int64)
    return Texts(label=label, codes=codes, levels=(*kept, OTHERS) if len(counts) > len(kept) else tuple(kept))


def useless(fact: Fact) -> str:
    """Why a column cannot tell anything, in words; empty where it may."""
    if int((~fact.missing).sum()) < FEWEST_KNOWN:
        return "known of too few customers"
    return "the same for every customer" if fact.is_constant else ""


def folds_of(positive: Flags) -> Codes:
    """Five groups with the same share of departures in each, or that share would tell the group."""
    folds = np.empty(len(positive), dtype=np.int64)
    for kind in (positive, ~positive):
        folds[kind] = np.arange(int(kind.sum())) % FOLDS
    return folds


def says_the_outcome(fact: Fact, positive: Flags, told: Told | None) -> str:
    """Why a column seems to be written when customers leave, in words; empty where it does not."""
    missing = fact.missing
    gaps = separation(missing.astype(np.float64), positive)
    if gaps is not None and max(gaps.auc, 1 - gaps.auc) > SAYS_THE_OUTCOME:
        return "whether it is filled tells who has left"
    if int((~missing).sum()) >= FEWEST_CHURNS and not (~missing & ~positive).any():
        return "it is filled only for customers who have left"
    if told is not None and told.separation.auc > SAYS_THE_OUTCOME:
        return f"by itself it separates with {told.separation.auc:.3f}"
    return ""


def matrix_of(facts: Sequence[Fact]) -> Floats:
    """All columns side by side; what is missing is a column of its own, never a nought."""
    columns: list[Floats] = []
    for fact in facts:
        columns += fact.columns()
        if fact.missing.any():
            columns.append(fact.missing.astype(np.float64))
    return np.column_stack(columns)


def fresh_risk(matrix: Floats, positive: Flags, folds: Codes, fold: int) -> Floats:
    """The risk of the customers of one fold, by a fit on all others."""
    out = folds == fold
    return risk_by(fit_risk(matrix[~out], positive[~out]), matrix[out])


def flagged_at(risk: Floats, positive: Flags) -> list[Flagged]:
    """What calling the riskiest tenth, fifth and three tenths would have found."""
    order = np.argsort(-risk, kind="stable")
    return [
        Flagged(share=share, flagged=most, hits=int(positive[order[:most]].sum()))
        for share in SHARES
        for most in [max(1, round(share * len(risk)))]
    ]
