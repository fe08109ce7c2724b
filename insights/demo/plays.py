"""The demo's playbooks at work: some over, with what came of them, some being done, one resting, one called off; and
the rules that begin some by themselves."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from accounts.models import Account
from billing.selectors.mrr import mrr_by_account
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import civil_date
from health.enums import RiskFactor
from health.models import HealthSnapshot
from health.risk_factors import FactorRow
from insights.demo import data
from playbooks.enums import OwnerRole, RuleAction, RunOrigin, RunOutcome, Trigger
from playbooks.models import PlaybookRun
from playbooks.selectors.open_risks import AccountRisks
from playbooks.selectors.recommendations import answers_to
from playbooks.services.automation import evaluate_rule
from playbooks.services.rule import create_rule, switch_rule
from playbooks.services.run import cancel_run, finish_run, pause_run, start_playbook
from playbooks.services.run_lines import start_reason
from playbooks.services.run_steps import complete_step

SPACE = UUID("5c2f7f0a-8f0e-4a57-9f0b-2f6c0a6d9c11")
MORNING = time(10)
FINISHED = ((148, 41), (133, 28), (121, 30), (110, 23), (97, 35), (88, 20), (76, 30), (64, 25), (52, 24), (40, 21))
"""How many days ago runs began, and for how many days they went on."""
UNDER_WAY = (17, 12, 9, 6, 3, 1)
"""How many days ago others began that still go on."""
TROUBLED = 70
"""Under this score somebody does something."""
ORIGINS = (RunOrigin.HAND, RunOrigin.ALERT, RunOrigin.TODAY)
NOTES = {
    RunOutcome.SUCCEEDED: "The weekly mail with their own figures brought the second team back.",
    RunOutcome.PARTLY: "Usage is up; the sponsor still wants to see one more quarter.",
    RunOutcome.NO_EFFECT: "Everybody came, nothing changed. The reason lies with their budget, not with us.",
    RunOutcome.FAILED: "The decision had been made before we called. Start earlier next time.",
}


def write_plays(organization: Organization, *, seed: int, now: datetime) -> None:
    """With accounts that had something to answer then, each the playbook that fitted best; through the services."""
    local = now.astimezone(organization.zone)

    def morning(days_ago: int) -> datetime:
        return min(now, datetime.combine(local.date() - timedelta(days=days_ago), MORNING, local.tzinfo))

    taken: set[int] = set()
    for at, (ago, days) in enumerate(FINISHED):
        chosen = _in_trouble(organization, begins=morning(ago), ends=morning(ago - days), taken=taken, at=at)
        if chosen is not None:
            run = _start(organization, chosen, seed=seed, at=morning(ago), origin=ORIGINS[at % len(ORIGINS)])
            _finish(run, at=morning(ago - days))
    under_way = []
    for at, ago in enumerate(UNDER_WAY):
        chosen = _in_trouble(organization, begins=morning(ago), ends=now, taken=taken, at=at)
        if chosen is not None:
            under_way.append(
                _start(organization, chosen, seed=seed, at=morning(ago), origin=ORIGINS[at % len(ORIGINS)])
            )
            _do_due_steps(under_way[-1], until=morning(0))
    for run in under_way[1:2]:
        pause_run(run=run, by=run.account.owner, now=now)
    for run in under_way[-1:]:
        note = "Their team is away until the new year."
        cancel_run(run=run, by=run.account.owner, now=max(now, run.started_at), note=note)


def write_rules(organization: Organization, *, seed: int, now: datetime) -> None:
    """One that has acted already, and one that waits for somebody to switch it on."""
    lead = organization.memberships.filter(user__email=data.ADMIN.email).select_related("user").first()
    by = lead.user if lead else None
    rule = create_rule(
        organization=organization,
        by=by,
        name="Renewals ahead that are at risk",
        trigger=Trigger.RISK_FACTOR,
        risk_factor=RiskFactor.RENEWAL_AT_RISK,
        action=RuleAction.START_PLAYBOOK,
        playbook=organization.playbooks.get(key="renewal_risk_mitigation"),
        daily_limit=3,
    )
    switch_rule(rule=rule, is_on=True, by=by, now=now, acts_on_present=True)
    evaluate_rule(rule=rule, now=now)
    for run in organization.playbook_runs.filter(origin=RunOrigin.RULE).select_related("account__organization"):
        _name(run, seed=seed)
    create_rule(
        organization=organization,
        by=by,
        name="Invoices a month late",
        trigger=Trigger.LATE_INVOICE,
        days=30,
        action=RuleAction.FOLLOW_UP,
        words="Ask for the payment before anything else is sold",
        role=OwnerRole.FINANCE,
    )


def _in_trouble(
    organization: Organization, *, begins: datetime, ends: datetime, taken: set[int], at: int
) -> AccountRisks | None:
    """An account that scored badly when a run began: one that came up best by its end, or one in the middle."""
    accounts = organization.accounts.open().exclude(owner=None).exclude(pk__in=taken)
    owned = dict(accounts.order_by().values_list("pk", "arr"))
    then, later = _shown(organization, begins), _shown(organization, ends)
    troubled = [
        (later[pk][0] - score, -pk)
        for pk, (score, factors) in then.items()
        if pk in owned and pk in later and score < TROUBLED and factors
    ]
    if not troubled:
        return None
    troubled.sort(reverse=True)
    _, key = troubled[0 if at % 2 == 0 else len(troubled) // 2]
    taken.add(-key)
    return AccountRisks(account_id=-key, arr=owned[-key] or ZERO, factors=then[-key][1])


def _shown(organization: Organization, at: datetime) -> dict[int, tuple[Decimal, list[FactorRow]]]:
    """By account its score and its risk factors as known on that day, where it had a score."""
    known = HealthSnapshot.objects.primary().up_to(civil_date(at, organization)).filter(effective_score__isnull=False)
    rows = known.newest_of(organization.accounts.all()).order_by("account")
    found = rows.values_list("account", "effective_score", "factors").iterator()
    return {account: (score, factors) for account, score, factors in found if score is not None}


def _start(organization: Organization, risks: AccountRisks, *, seed: int, at: datetime, origin: str) -> PlaybookRun:
    account = organization.accounts.select_related("owner", "organization").get(pk=risks.account_id)
    best = answers_to(organization, risks.factors)[0]
    run, _ = start_playbook(
        playbook=best.playbook,
        account=account,
        by=account.owner,
        now=at,
        origin=origin,
        starts_on=civil_date(at, organization),
    )
    _name(run, seed=seed)
    score, mrr = _stood(account, at)
    run.start_score, run.start_mrr, run.risk_factors, run.account = score, mrr, list(best.factors), account
    facts = {"start_score": score, "start_mrr": mrr, "risk_factors": run.risk_factors}
    organization.playbook_runs.filter(pk=run.pk).update(created_at=at, **facts)
    run.history.update(history_date=at, **facts)
    organization.follow_ups.of_playbook_run(run.uuid).update(created_at=at)
    organization.activities.about("playbook_run", run.uuid).update(text=start_reason(run))
    return run


def _name(run: PlaybookRun, *, seed: int) -> None:
    """Public ids that are the same for the same seed: of the run and of its tasks."""
    organization, known = run.account.organization, run.uuid
    run.uuid = uuid5(SPACE, f"{seed} {run.account.number} {run.origin} {run.title}")
    organization.playbook_runs.filter(pk=run.pk).update(uuid=run.uuid)
    run.history.update(uuid=run.uuid)
    organization.activities.about("playbook_run", known).update(subject_id=run.uuid)
    for task in organization.follow_ups.of_playbook_run(known).select_related("run_step"):
        ids = {"uuid": uuid5(run.uuid, str(task.run_step.n)), "playbook_run_id": run.uuid}
        organization.follow_ups.filter(pk=task.pk).update(**ids)
        task.history.update(**ids)


def _do_due_steps(run: PlaybookRun, *, until: datetime) -> None:
    """What was due by then is done in the morning of its day, as far as that has come."""
    steps = run.steps.select_related("run", "follow_up__account__organization", "follow_up__assignee")
    for step in steps.filter(follow_up__due_at__lte=until).order_by("n"):
        if step.follow_up is not None:
            done_at = max(run.started_at, step.follow_up.due_at - timedelta(hours=5))
            complete_step(step=step, by=step.follow_up.assignee, now=done_at)


def _finish(run: PlaybookRun, *, at: datetime) -> None:
    """Ended then, judged by what the account's score did in between."""
    score, mrr = _stood(run.account, at)
    _do_due_steps(run, until=at)
    outcome = _judged(run.start_score, score)
    organization = run.account.organization
    finish_run(run=run, outcome=outcome, by=run.account.owner, now=at, note=NOTES[outcome])
    organization.playbook_runs.filter(pk=run.pk).update(end_score=score, end_mrr=mrr, finished_at=at)
    run.history.exclude(finished_at=None).update(history_date=at, end_score=score, end_mrr=mrr, finished_at=at)


def _judged(before: Decimal | None, after: Decimal | None) -> RunOutcome:
    change = after - before if after is not None and before is not None else ZERO
    if change >= 4:
        return RunOutcome.SUCCEEDED
    if change >= 1:
        return RunOutcome.PARTLY
    return RunOutcome.NO_EFFECT if change > -8 else RunOutcome.FAILED


def _stood(account: Account, at: datetime) -> tuple[Decimal | None, Decimal]:
    """The account's score and MRR on a past day."""
    day = civil_date(at, account.organization)
    shown = HealthSnapshot.objects.filter(organization=account.organization, account=account, is_primary=True)
    score = shown.up_to(day).order_by("-date").values_list("effective_score", flat=True).first()
    return score, mrr_by_account(account.organization, day, accounts=[account.pk]).get(account.pk, ZERO)
