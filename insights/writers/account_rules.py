"""What the rules say about one account."""

from __future__ import annotations

from csplatform.formatting import counted, date_text, rupees_compact, trimmed
from insights.enums import FocusArea
from insights.facts import WORTH_SAYING, AccountFacts, SignalFact
from insights.writers import phrases
from insights.writers.account_actions import HEALTHY_FROM, three_actions
from insights.writers.base import AccountText, Wishes

AREA_OF_SIGNAL = {
    "daily_active_users": FocusArea.ENGAGEMENT,
    "adoption_pct": FocusArea.ADOPTION,
    "tickets_open": FocusArea.SUPPORT,
    "nps": FocusArea.SENTIMENT,
    "login_rate": FocusArea.ENGAGEMENT,
}


def write_account(facts: AccountFacts, wishes: Wishes) -> AccountText:
    """The whole text about one account."""
    return AccountText(
        summary=_summary(facts),
        health_analysis=_analysis(facts, wishes),
        risk_factors=tuple(factor.name for factor in facts.factors),
        recommended_actions=three_actions(facts) if wishes.include_recommendations else (),
    )


# The summary: where it stands, what matters most, what is at stake


def _summary(facts: AccountFacts) -> str:
    sentences = [_standing(facts)]
    if facts.is_closed:
        return sentences[0]
    if concern := _main_concern(facts):
        sentences.append(concern)
    if stake := _stake(facts):
        sentences.append(stake)
    return " ".join(sentences)


def _standing(facts: AccountFacts) -> str:
    if facts.is_closed:
        last = f"; its last health score was {trimmed(facts.score)}" if facts.score is not None else ""
        return f"{facts.name} is {phrases.lower_first(facts.status)}{last}. It no longer counts in the portfolio."
    if facts.score is None:
        reported = [signal.label for signal in facts.signals if signal.value is not None]
        because = (
            f"only {phrases.listed([phrases.lower_first(label) for label in reported])} "
            f"{'is' if len(reported) == 1 else 'are'} reported, {phrases.coverage(facts)} of the weight"
            if reported
            else "no metrics have arrived yet"
        )
        return f"{facts.name} has no health score: {because}."
    change = facts.score_change
    moved = ""
    if change is not None and facts.score_before_on is not None:
        since = phrases.day(facts.score_before_on, as_of=facts.as_of)
        if abs(change) >= WORTH_SAYING:
            moved = f", {'up' if change > 0 else 'down'} {phrases.points(abs(change))} since {since}"
        else:
            moved = f", level since {since}"
    return f"{facts.name} is {facts.band} at {trimmed(facts.score)} of 100{moved}."


def _main_concern(facts: AccountFacts) -> str:
    """The largest fall, else the most points missing, else that all is well."""
    if falls := facts.falls()[:2]:
        causes = phrases.listed([phrases.from_to(signal) for signal in falls])
        return f"{phrases.upper_first(causes)} pulled it down most."
    gaps = facts.gaps()
    if facts.score is not None and facts.score < HEALTHY_FROM and gaps:
        return f"Most is missing in one place: {phrases.standing(gaps[0])}."
    if facts.score is not None and not facts.factors:
        return "No risk factor applies."
    if facts.factors:
        against = phrases.listed([phrases.factor(factor.name) for factor in facts.factors[:3]])
        return f"What speaks against it: {against}."
    return ""


def _stake(facts: AccountFacts) -> str:
    days = facts.days_to_renewal
    subject, renews, renewed = "Its contract", "ends", "ended"
    if facts.arr:
        subject, renews, renewed = f"{rupees_compact(facts.arr)} a year", "renews", "was due for renewal"
    if days is None or facts.renews_on is None:
        return f"{subject} is at stake; no renewal date is known." if facts.arr else "It pays nothing yet."
    on = date_text(facts.renews_on)
    if days < 0:
        return f"{subject} {renewed} on {on}, {counted(-days, 'day')} ago."
    when = "today" if days == 0 else f"on {on}, in {counted(days, 'day')}"
    return f"{subject} {renews} {when}."


# The analysis: what moved, what is missing, what holds, what is not known


def _analysis(facts: AccountFacts, wishes: Wishes) -> str:
    known = [signal for signal in facts.signals if signal.points is not None]
    if not known:
        return "There is nothing to explain yet: no signal has been reported. Import daily metrics to get a score."
    sentences = [*_movements(facts, wishes), *_standings(facts, wishes)]
    if note := _data_note(facts):
        sentences.append(note)
    return " ".join(sentences)


def _movements(facts: AccountFacts, wishes: Wishes) -> list[str]:
    falls = _focused(facts.falls(), wishes)[:2]
    rises = _focused(facts.rises(), wishes)[:1]
    sentences = [
        f"{phrases.moved(signal, as_of=facts.as_of)} ({phrases.points(abs(signal.points_moved))} less)."
        for signal in falls
    ]
    sentences += [
        f"{phrases.moved(signal, as_of=facts.as_of)} ({phrases.points(signal.points_moved)} more)."
        for signal in rises
    ]
    if not sentences and any(signal.before is not None for signal in facts.signals):
        sentences.append("No signal moved the score by a point or more in the last 30 days.")
    return sentences


def _standings(facts: AccountFacts, wishes: Wishes) -> list[str]:
    gaps = _focused(facts.gaps(), wishes)
    sentences = []
    if gaps:
        sentences.append(f"Most to win: {'; '.join(phrases.standing(signal) for signal in gaps[:2])}.")
    holds = [signal for signal in facts.signals if signal.points is not None and signal not in gaps[:2]]
    holds.sort(key=lambda signal: (-(signal.points or 0) / signal.max_points, signal.key))
    if holds:
        sentences.append(f"Best part: {phrases.standing(holds[0])}.")
    return sentences


def _data_note(facts: AccountFacts) -> str:
    missing = [phrases.lower_first(signal.label) for signal in facts.signals if signal.value is None]
    if not missing:
        return ""
    left_out = f"Not reported: {phrases.listed(missing)}"
    if facts.score is None:
        return f"{left_out}; {phrases.coverage(facts)} of the weight is known, and a score needs 40%."
    return f"{left_out}; the score stands on {phrases.coverage(facts)} of the weight, scaled up to 100."


def _focused(signals: list[SignalFact], wishes: Wishes) -> list[SignalFact]:
    return sorted(signals, key=lambda signal: AREA_OF_SIGNAL.get(signal.key) not in wishes.focus)
