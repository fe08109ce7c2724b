"""Looking at the rules, and doing what they say: once an episode and account, so many times a day.

A rule's effects are runs, follow-ups and news. No rule looks at these, and doing them orders no further look, so
automation cannot set itself off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Account, FollowUp
from accounts.services.activity import record_activities
from accounts.services.follow_up import end_of_work, opening_line
from accounts.services.planned_follow_ups import PlannedTask, open_planned
from csplatform.enums import JobStatus
from csplatform.jobs import enqueue
from csplatform.models import Job, Organization
from csplatform.periods import civil_date
from csplatform.services.notification import News, notify_each
from playbooks.enums import HitOutcome, JobKind, RuleAction, RunOrigin
from playbooks.models import AutomationHit, AutomationRule, PlaybookRun
from playbooks.selectors.automation_stop import automation_stop
from playbooks.selectors.rule_matches import Matches, rule_matches
from playbooks.selectors.step_people import StepPeople
from playbooks.services.run import start_runs

EPISODE_GAP = timedelta(days=7)
"""What holds again within so many days is the same episode: a score that swings around a line fires once."""
AUTOMATION_NEWS = "automation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What one look at a rule did."""

    fired: int = 0
    already: int = 0
    waiting: int = 0
    """Held too, but over the day's limit; the next day has its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    """What was done for one account."""

    run: PlaybookRun | None = None
    follow_up: FollowUp | None = None
    is_new: bool = True


def order_evaluation(organization: Organization) -> Job | None:
    """One job, in the caller's transaction, where there is a rule to look at; one that waits already will do."""
    if is_stopped(organization) or not organization.automation_rules.filter(is_on=True).exists():
        return None
    waiting = organization.jobs.filter(kind=JobKind.EVALUATE_RULES, status=JobStatus.QUEUED).first()
    return waiting or enqueue(organization, JobKind.EVALUATE_RULES, lane=JobKind.EVALUATE_RULES)


def is_stopped(organization: Organization) -> bool:
    return automation_stop(organization) is not None


@transaction.atomic
def evaluate_rule(*, rule: AutomationRule, now: datetime, matches: Matches | None = None) -> Evaluated:
    """Do what a rule says for the accounts for which it newly holds, the largest revenue first.

    A second look at the same facts changes nothing; so a look that was killed can simply be taken again."""
    organization = rule.organization
    stored = organization.automation_rules.select_for_update(no_key=True, of=("self",)).get(pk=rule.pk)
    if not stored.is_on or not stored.can_act or is_stopped(organization):
        return Evaluated()
    today = civil_date(now, organization)
    found = rule_matches(organization, [stored], today=today)[stored.pk] if matches is None else matches
    fresh = _carry_on(stored, found, now=now)
    left = max(0, stored.daily_limit - stored.hits.filter(fired_on=today, outcome=HitOutcome.FIRED).count())
    chosen = fresh[:left]
    effects = _act(stored, chosen, now=now)
    _note(stored, chosen, effects, found, now=now)
    fired = sum(effect.is_new for effect in effects.values())
    return Evaluated(fired=fired, already=len(effects) - fired, waiting=len(fresh) - len(chosen))


@transaction.atomic
def pass_over(*, rule: AutomationRule, now: datetime) -> int:
    """Take what holds now for known, so that the rule acts on what comes; how many accounts that are."""
    found = rule_matches(rule.organization, [rule], today=civil_date(now, rule.organization))[rule.pk]
    fresh = _carry_on(rule, found, now=now)
    _write(rule, [(key, found[key], HitOutcome.PASSED_OVER, _Effect()) for key in fresh], now=now)
    return len(fresh)


def _carry_on(rule: AutomationRule, found: Matches, *, now: datetime) -> list[int]:
    """Bring the episodes that are known up to date; the accounts of new ones, in the order of what was found."""
    today = civil_date(now, rule.organization)
    known = dict(rule.hits.held().order_by().values_list("account", "last_held_on"))
    over = [key for key, last in known.items() if last < today - EPISODE_GAP and key not in found]
    # Nobody looked for a while: that it holds now does not say that it held in between.
    rule.hits.held().filter(account__in=[key for key in known if key in found]).update(last_held_on=today)
    rule.hits.held().filter(account__in=over).update(holds=False)
    return [key for key in found if key not in known]


def _act(rule: AutomationRule, keys: Sequence[int], *, now: datetime) -> dict[int, _Effect]:
    organization = rule.organization
    if not keys:
        return {}
    accounts = organization.accounts.select_related("owner", "organization").in_bulk(list(keys))
    chosen = [accounts[key] for key in keys]
    match RuleAction(rule.action):
        case RuleAction.START_PLAYBOOK:
            return _start(rule, chosen, now=now)
        case RuleAction.FOLLOW_UP:
            return _open(rule, chosen, now=now)
        case RuleAction.NOTIFY:
            return _tell(rule, chosen)


def _start(rule: AutomationRule, accounts: Sequence[Account], *, now: datetime) -> dict[int, _Effect]:
    if rule.playbook is None:
        return {}
    started = start_runs(
        organization=rule.organization,
        playbook=rule.playbook,
        accounts=accounts,
        by=None,
        now=now,
        origin=RunOrigin.RULE,
    )
    new = {run.pk for run in started.new}
    return {key: _Effect(run=run, is_new=run.pk in new) for key, run in started.runs.items()}


def _open(rule: AutomationRule, accounts: Sequence[Account], *, now: datetime) -> dict[int, _Effect]:
    people = StepPeople(rule.organization)
    due_on = civil_date(now, rule.organization) + timedelta(days=rule.due_in_days)
    tasks = open_planned(
        organization=rule.organization,
        by=None,
        tasks=[
            PlannedTask(
                account=account,
                assignee=people.does(rule.role, account, member=rule.member, in_charge=None),
                task_type=rule.words,
                description=f"Opened by the rule “{rule}”.",
                due_at=max(end_of_work(due_on, rule.organization), now),
            )
            for account in accounts
        ],
    )
    record_activities(rule.organization, [opening_line(task, by=None) for task in tasks])
    return {task.account_id: _Effect(follow_up=task) for task in tasks}


def _tell(rule: AutomationRule, accounts: Sequence[Account]) -> dict[int, _Effect]:
    """One line a person, however many accounts there are."""
    people = StepPeople(rule.organization)
    told: dict[int, list[Account]] = {}
    for account in accounts:
        person = people.does(rule.role, account, member=rule.member, in_charge=None)
        if person is not None:
            told.setdefault(person.pk, []).append(account)
    news = [
        News(to=key, title=f"{rule.words}: {_named(theirs)}", text=f"The rule “{rule}” says so.", url=_page(theirs))
        for key, theirs in told.items()
    ]
    notify_each(organization=rule.organization, kind=AUTOMATION_NEWS, news=news)
    return {account.pk: _Effect() for account in accounts}


def _named(accounts: Sequence[Account]) -> str:
    rest = len(accounts) - 2
    names = ", ".join(account.name for account in accounts[:2])
    return f"{names} and {rest} more" if rest > 0 else names


def _page(accounts: Sequence[Account]) -> str:
    return accounts[0].get_absolute_url() if len(accounts) == 1 else "/dashboard/automation"


def _note(
    rule: AutomationRule, keys: Sequence[int], effects: Mapping[int, _Effect], found: Matches, *, now: datetime
) -> None:
    lines = [
        (key, found[key], HitOutcome.FIRED if effects[key].is_new else HitOutcome.ALREADY, effects[key])
        for key in keys
        if key in effects
    ]
    _write(rule, lines, now=now)


def _write(rule: AutomationRule, lines: Sequence[tuple[int, str, HitOutcome, _Effect]], *, now: datetime) -> None:
    today = civil_date(now, rule.organization)
    AutomationHit.objects.bulk_create(
        [
            AutomationHit(
                organization=rule.organization,
                rule=rule,
                account_id=key,
                began_on=today,
                last_held_on=today,
                outcome=outcome,
                why=why[:200],
                fired_at=now,
                fired_on=today,
                run=effect.run,
                follow_up=effect.follow_up,
            )
            for key, why, outcome, effect in lines
        ],
        batch_size=500,
    )
