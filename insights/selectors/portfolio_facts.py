"""What is known about the portfolio, gathered for whoever writes about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from heapq import nsmallest

import pandas as pd
from django.db.models import Count, Sum

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from csplatform.money import ZERO, round2
from health.enums import RiskFactor
from health.risk_factors import RENEWAL_DAYS, RENEWAL_SCORE, factor_rows, match_factors
from health.selectors.portfolio import at_risk_accounts, health_movers
from health.selectors.scorecard import health_scorecards
from health.selectors.scored_accounts import scored_by_own_cards
from insights.facts import GroupFact, NamedAccountFact, PlayFact, PortfolioFacts
from insights.selectors.portfolio_summary import Group, PortfolioSummary, portfolio_summary
from playbooks.selectors.open_risks import AccountRisks, open_arr, with_arr
from playbooks.selectors.recommendations import best_answers

MOST_NAMED = 6
SCORE_FACTORS = frozenset({RiskFactor.CRITICAL_SCORE.value, RiskFactor.BELOW_TARGET_SCORE.value})
"""They say that the score is low, not why."""
HEALTHY_FROM = 70
NEARLY_ALL_SEATS = 0.9
RECOMMENDS_FROM = 50


def portfolio_facts(
    organization: Organization, *, today: date, summary: PortfolioSummary | None = None
) -> PortfolioFacts:
    """The facts about all open accounts on a day, in a constant number of queries."""
    summary = summary or portfolio_summary(organization, today=today)
    accounts = organization.accounts.open()
    frame = scored_by_own_cards(organization, accounts, health_scorecards(organization), today=today)
    factors = dict(zip(frame.index.tolist(), factor_rows(frame, match_factors(frame)), strict=True))
    arr = open_arr(organization)
    risks = with_arr(factors, arr)
    names = {item.account_id: tuple(factor["name"] for factor in item.factors) for item in risks}
    movers = health_movers(accounts, today=today, most=MOST_NAMED)
    renewing = accounts.renewing_within(RENEWAL_DAYS, today=today).filter(health_score__lt=RENEWAL_SCORE)
    return PortfolioFacts(
        as_of=today,
        accounts=summary.total_accounts,
        total_arr=summary.total_arr,
        average_score=summary.average_score,
        scored=summary.scored,
        arr_change_30d=summary.arr_trend_30d,
        arr_change_90d=summary.arr_trend_90d,
        buckets=tuple(_group(group) for group in summary.buckets),
        at_risk=_group(summary.at_risk),
        segments=tuple(_group(group) for group in summary.segments),
        factors=_by_factor(risks),
        worst=_named(at_risk_accounts(accounts, today=today)[:MOST_NAMED], names),
        fallers=_named(movers.fallers, names),
        risers=_named(movers.risers, names),
        renewing_at_risk=_count(renewing),
        renewals_at_risk=_named(renewing.order_by("contract_end", "pk")[:MOST_NAMED], names),
        expansion=_largest(organization, _using_their_seats(frame), arr),
        advocates=_largest(organization, _recommending(frame), arr),
        plays=tuple(
            PlayFact(number=reach.playbook.number, title=reach.playbook.title, accounts=reach.accounts, arr=reach.arr)
            for reach in best_answers(organization, risks)[:MOST_NAMED]
        ),
    )


def _group(group: Group) -> GroupFact:
    return GroupFact(name=group.name, accounts=group.accounts, arr=group.arr, average_score=group.average_score)


def _count(accounts: AccountQuerySet) -> GroupFact:
    found = accounts.order_by().aggregate(accounts=Count("pk"), arr=Sum("arr"))
    return GroupFact(name="Renewal at risk", accounts=found["accounts"], arr=round2(found["arr"] or ZERO))


def _by_factor(risks: Sequence[AccountRisks]) -> tuple[GroupFact, ...]:
    """Accounts and revenue by factor, most revenue first."""
    counts: dict[str, int] = defaultdict(int)
    money: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for item in risks:
        for factor in item.factors:
            if factor["name"] not in SCORE_FACTORS:
                counts[factor["name"]] += 1
                money[factor["name"]] += item.arr
    groups = [GroupFact(name=name, accounts=count, arr=money[name]) for name, count in counts.items()]
    return tuple(sorted(groups, key=lambda group: (-group.arr, -group.accounts, group.name)))


def _named(accounts: Iterable[Account], factors: dict[int, tuple[str, ...]]) -> tuple[NamedAccountFact, ...]:
    return tuple(
        NamedAccountFact(
            number=account.number,
            name=account.name,
            arr=account.arr or ZERO,
            score=account.health_score,
            score_before=getattr(account, "score_before", None),
            renews_on=account.contract_end,
            band=account.band.value if account.band else None,
            factors=factors.get(account.pk, ()),
        )
        for account in accounts
    )


def _largest(
    organization: Organization, ids: Iterable[int], arr: Mapping[int, Decimal]
) -> tuple[NamedAccountFact, ...]:
    """The ones among these accounts that pay most."""
    largest = nsmallest(MOST_NAMED, (pk for pk in ids if pk in arr), key=lambda pk: (-arr[pk], pk))
    chosen = organization.accounts.in_bulk(largest)
    return _named((chosen[pk] for pk in largest), {})


def _using_their_seats(frame: pd.DataFrame) -> list[int]:
    enough = frame["daily_active_users"] >= NEARLY_ALL_SEATS * frame["seats"].where(frame["seats"] > 0)
    return _ids(frame, enough)


def _recommending(frame: pd.DataFrame) -> list[int]:
    return _ids(frame, frame["nps"] >= RECOMMENDS_FROM)


def _ids(frame: pd.DataFrame, wanted: pd.Series) -> list[int]:
    return [int(pk) for pk in frame.index[(frame["score"] >= HEALTHY_FROM) & wanted]]
