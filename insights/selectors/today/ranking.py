"""The ranked list of a day: who needs somebody, the most money at stake first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache

from django.db.models import Max, Q

from accounts import bands
from accounts.enums import Band
from accounts.models import Account, Engagement, FollowUp
from accounts.permissions import editable_among
from csplatform.formatting import score
from csplatform.money import ZERO, monthly
from csplatform.permissions import Action, can
from health.models import HealthSnapshot
from insights.attention import Attention, Horizon, Reason, attention, ranked
from insights.enums import ReasonKind
from insights.models import AttentionSnooze
from insights.selectors.today.reasons import all_reasons
from insights.selectors.today.scope import DayScope
from playbooks.models import Playbook, PlaybookRun
from playbooks.relevance import best_matches
from playbooks.selectors.open_risks import severities

SUGGESTIONS = {
    ReasonKind.FOLLOW_UP: "Do the follow-up",
    ReasonKind.PROMISE: "Keep the promise, or agree on another day",
    ReasonKind.TICKET: "Ask support for an answer and tell the customer",
    ReasonKind.RENEWAL: "Plan a renewal meeting",
    ReasonKind.HEALTH: "Find out what changed, then call",
    ReasonKind.INVOICE: "Ask when the invoice will be paid",
    ReasonKind.SILENCE: "Call and ask how it is going",
}
"""What to do where nothing is planned, by the strongest reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayList:
    """Everybody who asks for somebody, in order; and who was put off."""

    rows: Sequence[Attention]
    snoozed: Sequence[AttentionSnooze]
    new_accounts: int
    """Accounts in the scope that came since yesterday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayRow:
    """One line of the list with what its buttons need."""

    attention: Attention
    account: Account
    next_step: str
    next_at: datetime | None
    follow_up: FollowUp | None
    """The open task that is due first, and that the member may complete."""
    playbook: Playbook | None
    """What is recommended for its open risks."""
    run: PlaybookRun | None
    """Of that playbook, if it is going on."""
    may_edit: bool

    @property
    def reasons(self) -> Sequence[Reason]:
        return self.attention.reasons


@dataclass(frozen=True, slots=True)
class _Facts:
    name_key: str
    arr: Decimal | None
    churn_risk: int | None
    score: Decimal | None


def day_list(scope: DayScope) -> DayList:
    """Rank the accounts of the scope that have a reason and are not put off. A fixed number of queries."""
    reasons = all_reasons(scope)
    facts = _facts(scope, reasons)
    _add_critical(reasons, facts)
    snoozed = _snoozed(scope, facts)
    horizon = Horizon.of(scope.today, scope.zone)
    rows = [
        attention(
            account_id=key,
            name_key=facts[key].name_key,
            mrr=monthly(facts[key].arr or ZERO),
            churn_risk=facts[key].churn_risk,
            reasons=found,
            horizon=horizon,
        )
        for key, found in reasons.items()
        if key in facts and key not in snoozed
    ]
    return DayList(
        rows=ranked(rows),
        snoozed=list(snoozed.values()),
        new_accounts=scope.accounts.filter(created_at__gte=scope.yesterday).count(),
    )


def with_accounts(scope: DayScope, rows: Sequence[Attention]) -> list[TodayRow]:
    """Some rows of the list with their accounts, next steps and playbooks, in the order given."""
    keys = [row.account_id for row in rows]
    accounts: dict[int, Account] = scope.organization.accounts.for_list().in_bulk(keys)
    tasks, planned = _first_tasks(scope, keys), _first_planned(scope, keys)
    playbooks = _recommended(scope, keys)
    runs = _going_on(scope, playbooks)
    editable = editable_among(scope.member, accounts.values())
    writes = can(scope.member, Action.EDIT_OWN_ACCOUNTS)
    found = []
    for row in rows:
        task = tasks.get(row.account_id)
        step, at = _next_step(row, task, planned.get(row.account_id))
        may_edit = row.account_id in editable
        is_mine = task is not None and writes and task.assignee_id == scope.member.user_id
        found.append(
            TodayRow(
                attention=row,
                account=accounts[row.account_id],
                next_step=step,
                next_at=at,
                follow_up=task if may_edit or is_mine else None,
                playbook=playbooks.get(row.account_id),
                run=runs.get(row.account_id),
                may_edit=may_edit,
            )
        )
    return found


def _facts(scope: DayScope, reasons: Collection[int]) -> dict[int, _Facts]:
    """Of the accounts in the scope, and of those in which its people have a task."""
    columns = ("pk", "name_key", "arr", "churn_risk_score", "health_score")
    found = {pk: _Facts(*rest) for pk, *rest in scope.accounts.values_list(*columns)}
    others = set(reasons) - set(found)
    if others:
        rows = scope.organization.accounts.open().filter(pk__in=others).order_by()
        found |= {pk: _Facts(*rest) for pk, *rest in rows.values_list(*columns)}
    return found


def _add_critical(reasons: dict[int, list[Reason]], facts: dict[int, _Facts]) -> None:
    """Nobody whose health is critical is missing, be there nothing else to say."""
    for key, known in facts.items():
        if bands.band(known.score) != Band.CRITICAL or any(
            each.kind == ReasonKind.HEALTH for each in reasons.get(key, ())
        ):
            continue
        words = f"health is critical at {score(known.score)}"
        reasons.setdefault(key, []).append(Reason(kind=ReasonKind.HEALTH, words=words))


def _snoozed(scope: DayScope, facts: dict[int, _Facts]) -> dict[int, AttentionSnooze]:
    """The accounts that the member put off and that nothing has brought back, by key."""
    going = scope.organization.attention_snoozes.going().of_member(scope.member).select_related("account")
    mine = [each for each in going.order_by("until", "pk") if each.account_id in facts]
    if not mine:
        return {}
    lines = scope.organization.activities.filter(account__in=[each.account_id for each in mine])
    by_others = lines.filter(~Q(actor=scope.member.user) | Q(actor=None)).order_by()
    last_news = dict(by_others.values_list("account").annotate(last=Max("created_at")))
    return {
        each.account_id: each
        for each in mine
        if not each.is_over(
            today=scope.today,
            renews_on=each.account.contract_end,
            band=bands.band(facts[each.account_id].score) or "",
            has_news=last_news.get(each.account_id, each.created_at) > each.created_at,
        )
    }


def _first_tasks(scope: DayScope, accounts: list[int]) -> dict[int, FollowUp]:
    """The open task of each account that falls due first; of several, one in the scope comes before another."""
    rows = scope.organization.follow_ups.open().filter(account__in=accounts).select_related("assignee")
    found: dict[int, FollowUp] = {}
    mine: dict[int, FollowUp] = {}
    for task in rows.soonest_first():
        found.setdefault(task.account_id, task)
        if task.assignee_id == scope.member.user_id:
            mine.setdefault(task.account_id, task)
    return found | mine


def _first_planned(scope: DayScope, accounts: list[int]) -> dict[int, Engagement]:
    rows = scope.organization.engagements.planned().filter(account__in=accounts, scheduled_at__gte=scope.now)
    found: dict[int, Engagement] = {}
    for engagement in rows.order_by("scheduled_at", "pk"):
        found.setdefault(engagement.account_id, engagement)
    return found


def _next_step(row: Attention, task: FollowUp | None, planned: Engagement | None) -> tuple[str, datetime | None]:
    """The task or meeting that comes first; where nothing is planned, what the strongest reason suggests."""
    if task is not None and (
        planned is None or planned.scheduled_at is None or task.falls_due_at <= planned.scheduled_at
    ):
        return task.task_type, task.falls_due_at
    if planned is not None:
        return planned.title, planned.scheduled_at
    kind = next((each.kind for each in row.reasons if each.kind != ReasonKind.FOLLOW_UP), row.reasons[0].kind)
    return SUGGESTIONS[kind], None


def _recommended(scope: DayScope, accounts: list[int]) -> dict[int, Playbook]:
    """The playbook that answers the risks of each account best, by what health knew last."""
    chosen = scope.organization.accounts.filter(pk__in=accounts)
    newest = HealthSnapshot.objects.primary().newest_of(chosen)
    factors = {account: severities(found) for account, found in newest.values_list("account", "factors") if found}
    if not factors:
        return {}
    library: dict[int, Playbook] = {each.number: each for each in scope.organization.playbooks.builtin()}
    candidates = [playbook.as_candidate for playbook in library.values()]

    @cache
    def best(weights: tuple[tuple[str, int], ...]) -> Playbook | None:
        found = best_matches(severities=dict(weights), candidates=candidates, limit=1)
        return library[found[0].number] if found else None

    matched = {account: best(tuple(sorted(weights.items()))) for account, weights in factors.items()}
    return {account: playbook for account, playbook in matched.items() if playbook is not None}


def _going_on(scope: DayScope, recommended: Mapping[int, Playbook]) -> dict[int, PlaybookRun]:
    """By account the run of the very playbook that is recommended for it."""
    runs = scope.organization.playbook_runs.going_on().filter(account__in=list(recommended)) if recommended else ()
    return {run.account_id: run for run in runs if run.playbook_id == recommended[run.account_id].pk}
