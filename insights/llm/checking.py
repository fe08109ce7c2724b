"""What a model said, held against the facts it says it rests on: nothing is believed, and nothing is corrected."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from csplatform.formatting import MONTHS
from insights.llm.evidence import EMAIL, Fact, is_day

LONGEST_SENTENCE = 400
WINDOWS = frozenset(map(Decimal, (7, 30, 60, 90, 100)))
"""Days that the product itself looks back over, and the top of its scale: true of every account."""
WORDS_FOR_NUMBERS = {
    word: Decimal(number)
    for number, word in enumerate(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=2
    )
}
UNITS = {
    "%": Decimal(1),
    "k": Decimal(1_000),
    "l": Decimal(100_000),
    "lakh": Decimal(100_000),
    "lakhs": Decimal(100_000),
    "cr": Decimal(10_000_000),
    "crore": Decimal(10_000_000),
    "crores": Decimal(10_000_000),
}
NUMBER = re.compile(
    r"(?<![\w.])[-+−]?₹?\s?(\d[\d,]*(?:\.\d+)?)\s?(%|k\b|l\b|lakhs?\b|cr\b|crores?\b)?", re.IGNORECASE
)
NAME = re.compile(r"(?<!\w)[A-Z][\w&'’.-]*")
LINK = re.compile(r"(?:https?:|www\.|mailto:)\S*|\b[\w-]+\.(?:com|org|net|io|in|example)\b\S*", re.IGNORECASE)
MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
TAG = re.compile(r"<[^>]*>")
MARKUP = re.compile(r"[*_`#~|\\]+")
_COMMON = """
a about above across after against all although among an and annual any as at because before below best beyond
both but by compared despite down due during each either engagement even every few fewer first for four from
given growth half has have health however if in is it its keep last least less login logins low lower main many
meanwhile more most much neither next no none not nothing now of on once one only open other our out over overall
per product revenue renewal renewals risk risks score scores several signals since so some still such support
taken than that the their them then there these they this those though three through tickets to together too
total two under until up usage use users very was were what when where whether which while who with within
without yet adoption feature features daily active monthly yearly net average nps arr mrr at-risk critical
healthy watchlist account accounts customer customers segment segments contract contracts invoice invoices
payment payments data coverage trend trends declining improving stable expansion contraction churn playbook
"""
OPENINGS = frozenset(_COMMON.split())
"""Words that begin a sentence without naming anybody; they may stand in capitals elsewhere, too."""
TERMS = frozenset(
    each.lower() for each in (*MONTHS, "CSM", "CSMs", "QBR", "EBR", "KPI", "SLA", "GST", "I", "Rs", "Cr", "L")
)


def cleaned(text: str) -> str:
    """The sentence without markup, on one line."""
    text = MARKDOWN_LINK.sub(r"\1", html.unescape(text))
    return " ".join(MARKUP.sub("", TAG.sub("", text)).split())


def is_borne_out(text: str, named: Iterable[str], evidence: Mapping[str, Fact]) -> bool:
    """Whether a cleaned sentence says nothing but what the facts it names say: its numbers are theirs, and whoever it
    names is in some fact."""
    cited = [evidence[key] for key in named if key in evidence]
    if not text or len(text) > LONGEST_SENTENCE or not cited or LINK.search(text) or EMAIL.search(text):
        return False
    names = _words(evidence.values())
    without_names = _without(text, evidence.values())
    return _numbers_are_known(without_names, cited) and _names_are_known(text, names)


def _numbers_are_known(text: str, cited: Iterable[Fact]) -> bool:
    known = WINDOWS.union(*map(_numbers_of, cited))
    for match in NUMBER.finditer(text):
        if not _is_known(match[1], (match[2] or "").lower(), known):
            return False
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", text)}
    return all(number in known for word, number in WORDS_FOR_NUMBERS.items() if word in words)


def _is_known(digits: str, unit: str, known: Iterable[Decimal]) -> bool:
    """Equal to a known number as far as it is written out: 42.8 lakh is any amount that rounds to it."""
    try:
        said = Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return False
    exponent = Decimal(1).scaleb(-len(digits.partition(".")[2]))
    scale = UNITS.get(unit, Decimal(1))
    for number in known:
        candidates = [number / scale]
        if unit == "%" and number <= 1:
            candidates.append(number * 100)
        if any(
            candidate.quantize(exponent, "ROUND_HALF_UP") == said for candidate in candidates if candidate < 10**15
        ):
            return True
    return False


def _numbers_of(fact: Fact) -> set[Decimal]:
    """What may be said in figures of one fact: its amount, or the parts of its day.

    SECURITY: not the figures in a text. Who types `999 accounts are Healthy` as a name would be believed; a name that
    is said whole is taken out before."""
    value = fact.value
    if isinstance(value, bool):
        return set()
    if isinstance(value, int | float):
        return {abs(Decimal(str(value)))}
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return set()
    return {Decimal(day.day), Decimal(day.month), Decimal(day.year)}


def _names_are_known(text: str, known: frozenset[str]) -> bool:
    return all(_plain(name) in known for name in NAME.findall(text))


def _words(facts: Iterable[Fact]) -> frozenset[str]:
    """Every word of the facts, whichever case, beside those that name nobody."""
    words = set(OPENINGS | TERMS)
    for fact in facts:
        for text in (fact.what, fact.value if isinstance(fact.value, str) else ""):
            words.update(_plain(word) for word in re.findall(r"[\w&'’.-]+", text))
    return frozenset(words)


def _plain(word: str) -> str:
    """Lower case, without a possessive or a full stop behind it."""
    return re.sub(r"['’]s?$", "", word.lower().strip(".'’-"))


def _without(text: str, facts: Iterable[Fact]) -> str:
    """The sentence without the names in it, whose figures are not amounts: `Web 24` is one word."""
    named = sorted(
        {fact.value for fact in facts if isinstance(fact.value, str) and any(sign.isdigit() for sign in fact.value)},
        key=len,
        reverse=True,
    )
    for name in named:
        if not is_day(name):
            text = text.replace(name, " ")
    return text
