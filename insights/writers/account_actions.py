"""What to do about an account: the best playbooks, topped up by what the figures themselves suggest."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from csplatform.formatting import counted, date_text, rupees_compact, trimmed
from health.enums import RiskFactor
from insights.facts import WORTH_SAYING, AccountFacts, PlaybookFact, SignalFact
from insights.writers import phrases
from insights.writers.base import ACTIONS_PER_ACCOUNT, Action

HEALTHY_FROM = Decimal(70)
CRITICAL_BELOW = Decimal(40)
RENEWAL_IN_SIGHT_DAYS = 120
NEARLY_ALL_SEATS = Decimal("0.9")
RECOMMENDS_FROM = Decimal(50)

SIGNAL_OF_FACTOR: dict[str, str] = {
    RiskFactor.LOW_ENGAGEMENT: "daily_active_users",
    RiskFactor.LOW_ADOPTION: "adoption_pct",
    RiskFactor.MANY_TICKETS: "tickets_open",
    RiskFactor.NEGATIVE_NPS: "nps",
    RiskFactor.INFREQUENT_LOGINS: "login_rate",
}
SCORE_FACTORS = frozenset({RiskFactor.CRITICAL_SCORE.value, RiskFactor.BELOW_TARGET_SCORE.value})
RAISE_SIGNAL = {
    "daily_active_users": (
        "Bring more people into the product",
        "ask the administrator which teams have seats and no habit yet, and invite two of them to a working session",
    ),
    "adoption_pct": (
        "Widen what they use",
        "pick the one unused feature closest to a goal they told us about, and switch it on with a named user",
    ),
    "tickets_open": (
        "Clear the open tickets",
        "go through the list with support, agree a date for each, and read it back to the customer's technical lead",
    ),
    "nps": (
        "Hear out the people who answered the survey",
        "call the three lowest answers this week and tell them what will change by when",
    ),
    "login_rate": (
        "Make it part of the week",
        "find the report they read every Monday and have it sent from the product with a link",
    ),
}


def three_actions(facts: AccountFacts) -> tuple[Action, ...]:
    """The best three playbooks; where fewer fit, what the figures themselves suggest."""
    actions = [_from_playbook(facts, playbook) for playbook in facts.playbooks[:ACTIONS_PER_ACCOUNT]]
    titles = {action.title for action in actions}
    for action in _own_ideas(facts):
        if len(actions) == ACTIONS_PER_ACCOUNT:
            break
        if action.title not in titles:
            actions.append(action)
            titles.add(action.title)
    return tuple(actions)


def _from_playbook(facts: AccountFacts, playbook: PlaybookFact) -> Action:
    reasons = phrases.listed([_reason(facts, name) for name in playbook.matching])
    return Action(
        title=playbook.title,
        description=f"Because of {reasons}. First step: {playbook.first_step}",
        priority=playbook.priority,
        estimated_impact=_impact(facts, playbook),
        playbook_id=playbook.number,
    )


def _reason(facts: AccountFacts, factor: str) -> str:
    """``low feature adoption (0.24)``: the factor with the figure that made it apply."""
    signal = facts.signal(SIGNAL_OF_FACTOR.get(factor, ""))
    name = phrases.factor(factor)
    if signal is not None and signal.value is not None:
        return f"{name} ({phrases.figure(signal, signal.value)})"
    if factor in SCORE_FACTORS and facts.score is not None:
        return f"{name} ({trimmed(facts.score)})"
    return name


def _impact(facts: AccountFacts, playbook: PlaybookFact) -> str:
    """What success would be worth, in points of this account's score or in its money."""
    gains = [
        _gain(facts, signal) for name in playbook.matching if (signal := facts.signal(SIGNAL_OF_FACTOR.get(name, "")))
    ]
    worth = max((gain for gain in gains if gain), key=lambda gain: gain[0], default=None)
    if worth:
        return worth[1]
    if RiskFactor.RENEWAL_AT_RISK in playbook.matching and facts.renews_on is not None:
        return f"Protects {rupees_compact(facts.arr)} a year that renews on {date_text(facts.renews_on)}."
    if facts.score is not None and facts.score < CRITICAL_BELOW:
        return f"{phrases.points(CRITICAL_BELOW - facts.score)} lift the account out of Critical."
    if facts.score is not None and facts.score < HEALTHY_FROM:
        return f"{phrases.points(HEALTHY_FROM - facts.score)} make the account Healthy."
    return f"Keeps {rupees_compact(facts.arr)} a year on course." if facts.arr else "Keeps the account on course."


def _gain(facts: AccountFacts, signal: SignalFact) -> tuple[Decimal, str] | None:
    """Points to win: back to its own best of the last 90 days, else half of what is missing."""
    if signal.points is None or signal.value is None:
        return None
    name = phrases.lower_first(signal.label)
    back = signal.points_below_best
    if signal.best is not None and signal.best_on is not None and back >= WORTH_SAYING:
        when = phrases.day(signal.best_on, as_of=facts.as_of)
        return back, (
            f"+{phrases.points(back)} of health when {name} {phrases.is_or_are(signal)} back at "
            f"{phrases.figure(signal, signal.best)}, as on {when}."
        )
    half = signal.points_missing / 2
    if half < WORTH_SAYING:
        return None
    return half, f"+{phrases.points(half)} of health when half of the gap in {name} closes."


def _own_ideas(facts: AccountFacts) -> Iterator[Action]:
    """Actions without a playbook, the most fitting first; always more than three."""
    if facts.is_closed:
        yield from _after_the_end(facts)
        return
    yield from _housekeeping(facts)
    yield from _growth(facts)
    for signal in facts.gaps():
        if signal.key in RAISE_SIGNAL:
            title, how = RAISE_SIGNAL[signal.key]
            gain = _gain(facts, signal)
            yield Action(
                title=title,
                description=f"{phrases.upper_first(phrases.standing(signal))}: {how}.",
                priority="Medium" if facts.score is not None and facts.score < HEALTHY_FROM else "Low",
                estimated_impact=gain[1] if gain else f"Up to {phrases.points(signal.points_missing)} of health.",
                playbook_id=None,
            )
    yield from _good_habits(facts)


def _housekeeping(facts: AccountFacts) -> Iterator[Action]:
    """What has to be known before anything else makes sense."""
    if facts.owner is None:
        yield Action(
            title="Give the account an owner",
            description=(
                f"Nobody looks after {facts.name}. Assign a CSM today; they introduce themselves within two days."
            ),
            priority="High",
            estimated_impact=f"Someone answers for {f'{rupees_compact(facts.arr)} a year' if facts.arr else 'it'}.",
            playbook_id=None,
        )
    missing = [phrases.lower_first(signal.label) for signal in facts.signals if signal.value is None]
    if facts.score is None or len(missing) > 1:
        yield Action(
            title="Get the missing measures flowing",
            description=(
                f"Ask whoever exports the metrics for {phrases.listed(missing) or 'a current file'}, and import the "
                "last 30 days."
            ),
            priority="Medium",
            estimated_impact=f"The score would stand on more than the {phrases.coverage(facts)} it has now.",
            playbook_id=None,
        )


def _growth(facts: AccountFacts) -> Iterator[Action]:
    """What a good account offers."""
    days = facts.days_to_renewal
    if days is not None and 0 <= days <= RENEWAL_IN_SIGHT_DAYS and facts.renews_on is not None:
        yield Action(
            title="Open the renewal conversation",
            description=(
                f"The contract ends on {date_text(facts.renews_on)}. Send the sponsor last year's results in their "
                "own numbers this week and propose a date to agree the next term."
            ),
            priority="High" if days <= 60 else "Medium",
            estimated_impact=f"Secures {rupees_compact(facts.arr)} a year, {counted(days, 'day')} ahead.",
            playbook_id=None,
        )
    if facts.score is None or facts.score < HEALTHY_FROM:
        return
    users = facts.signal("daily_active_users")
    if users and users.value and users.target and users.value >= NEARLY_ALL_SEATS * users.target:
        yield Action(
            title="Propose more seats",
            description=(
                f"{phrases.figure(users, users.value)} people use it daily, {trimmed(users.target)} were planned. "
                "Show the sponsor the curve and ask which team comes next."
            ),
            priority="Medium",
            estimated_impact=f"Every tenth of growth adds {rupees_compact(facts.arr / 10)} a year.",
            playbook_id=None,
        )
    nps = facts.signal("nps")
    if nps and nps.value is not None and nps.value >= RECOMMENDS_FROM:
        yield Action(
            title="Ask for a reference",
            description=(
                f"With an NPS of {phrases.figure(nps, nps.value)} their users already recommend us. Ask the sponsor "
                "for a quote and one reference call this quarter."
            ),
            priority="Low",
            estimated_impact="A named reference for sales, and a sponsor who has said it aloud.",
            playbook_id=None,
        )


def _good_habits(facts: AccountFacts) -> Iterator[Action]:
    """What is right for every account: the last resort."""
    yield Action(
        title="Agree one goal for the quarter",
        description="Ask the sponsor which single number should move by quarter's end, and enter it as a goal.",
        priority="Medium",
        estimated_impact="A result to point at when the renewal is discussed.",
        playbook_id=None,
    )
    yield Action(
        title="Hold a 20-minute check-in",
        description=(
            "Call the day-to-day contact within two weeks: what changed, what is in the way, who joined or left."
        ),
        priority="Low",
        estimated_impact="Trouble is heard before it shows in the figures.",
        playbook_id=None,
    )
    yield Action(
        title="Confirm contacts and contract dates",
        description=(
            "Check sponsor, administrator, renewal and notice dates with the customer, and correct the account."
        ),
        priority="Low",
        estimated_impact="No renewal comes as a surprise.",
        playbook_id=None,
    )


def _after_the_end(facts: AccountFacts) -> Iterator[Action]:
    """A churned or archived account: learn from it, part well, come back."""
    yield Action(
        title="Write down why they left",
        description=(
            "Ask the sponsor in a 15-minute call for the one reason that decided it, and log it on the account."
        ),
        priority="Medium",
        estimated_impact="Accounts with the same pattern can be found while there is time.",
        playbook_id=None,
    )
    yield Action(
        title="Part well",
        description="Confirm data export, last invoice and the end of access in one mail, with a name to call.",
        priority="Medium",
        estimated_impact="Keeps the door open and the references intact.",
        playbook_id=None,
    )
    yield Action(
        title="Ask again in ninety days",
        description=f"Put a note on the day 90 days from now to call {facts.name} and ask how the change went.",
        priority="Low",
        estimated_impact="Some of those who leave come back when someone asks.",
        playbook_id=None,
    )
