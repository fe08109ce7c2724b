"""Billing subscriptions as a job: what would happen, doing it, issuing its drafts, taking it back.

Each chunk is one transaction with its place, and every interval has an item that says what became of it, so a killed
run goes on where it stopped. That an interval is billed once is the database's rule (`invoice_period_billed_once`);
whoever bills holds one lock, so that two runs never meet it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Count, Sum
from simple_history.utils import bulk_create_with_history

from accounts.services.activity import record_activities
from billing.enums import BillingOutcome, JobKind, SkipReason
from billing.exceptions import BillingRefused
from billing.models import BillingRun, BillingRunItem, Invoice, InvoiceLine
from billing.services.billable import Billable, BillingChoice, BillingPlan, billing_day, plan_billing
from billing.services.invoice import (
    default_tax_profile,
    delete_draft,
    finish,
    invoice_series,
    issue_invoice,
    issued_happening,
    void_invoice,
)
from csplatform import periods
from csplatform.exceptions import DomainError
from csplatform.formatting import counted, rupees_compact
from csplatform.jobs import JobRun, enqueue, run_now
from csplatform.models import Job, Membership, Organization
from csplatform.money import ZERO, round2
from csplatform.services.notification import notify
from csplatform.services.sequence import lock_sequence, take_numbers
from csplatform.tenancy import organization_scope

CHUNK = 200
LANE = "billing"
LOCK = "billing run"
NEWS = "billing_run_finished"
BILL, ISSUE, UNDO = "bill", "issue", "undo"
UNDO_REASON = "The billing run was taken back"
WAITING = {
    BILL: [BillingOutcome.PLANNED],
    ISSUE: [BillingOutcome.DRAFTED],
    UNDO: [BillingOutcome.DRAFTED, BillingOutcome.ISSUED],
}
"""What a step has still to do."""


# -- asking for it ----------------------------------------------------------------------------------


def start_run(
    *,
    member: Membership,
    choice: BillingChoice,
    key: str = "",
    fingerprint: str = "",
    respond_async: bool = False,
) -> BillingRun:
    """Write down what is to be billed and do it, at once where it is little. The caller is in no scope.

    The same `key` again starts nothing and returns the first run."""
    organization = member.organization
    stored_key = hashlib.sha256(f"{member.pk}:{key}".encode()).hexdigest() if key else ""
    if stored_key and (earlier := _earlier(member, stored_key, fingerprint)):
        return earlier
    try:
        with organization_scope(organization, write=True, touch=False):
            plan = plan_billing(organization, choice, today=periods.today(organization))
            if plan.refusal:
                raise plan.refusal
            if not plan.due:
                raise BillingRefused(_nothing_due(plan))
            run_id = uuid.uuid4()
            job = enqueue(
                organization,
                JobKind.BILL_SUBSCRIPTIONS,
                {"step": BILL, "run": str(run_id), "fingerprint": fingerprint},
                by=member.user,
                lane=LANE,
                total=len(plan.due),
                idempotency_key=stored_key,
            )
            run = _write_run(run_id, choice, plan, job, member)
    except IntegrityError:  # the same key at the same time: the other one is there now
        earlier = _earlier(member, stored_key, fingerprint) if stored_key else None
        if earlier is None:
            raise
        return earlier
    return _done(run, at_once=len(plan.due) <= settings.BULK_INLINE_LIMIT and not respond_async)


def continue_run(*, run: BillingRun, member: Membership, step: str) -> BillingRun:
    """Another job over the same intervals: go on billing, issue the drafts, or take everything back where that is
    allowed. The caller is in no scope."""
    organization = member.organization
    with organization_scope(organization, write=True, touch=False):
        locked = organization.billing_runs.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)
        if not locked.job.is_finished:
            raise BillingRefused("This run is still at work.")
        waiting = locked.items.filter(outcome__in=WAITING[step]).count()
        if not waiting:
            raise BillingRefused("There is nothing left to do.")
        locked.job = enqueue(
            organization,
            JobKind.BILL_SUBSCRIPTIONS,
            {"step": step, "run": str(run.uuid)},
            by=member.user,
            lane=LANE,
            total=waiting,
        )
        locked.save(update_fields=["job"])
    return _done(locked, at_once=waiting <= settings.BULK_INLINE_LIMIT)


def _nothing_due(plan: BillingPlan) -> str:
    if not plan.skipped:
        return "No subscription has an interval that begins on these days."
    reasons = ", ".join(f"{reason.label.lower()}: {len(each)}" for reason, each in plan.skipped_by_reason())
    return f"Nothing is left to bill ({reasons})."


def _write_run(
    run_id: uuid.UUID, choice: BillingChoice, plan: BillingPlan, job: Job, member: Membership
) -> BillingRun:
    organization = member.organization
    run = BillingRun.objects.create(
        organization=organization,
        uuid=run_id,
        job=job,
        starts_on=choice.window.start,
        ends_on=choice.window.end,
        as_drafts=choice.as_drafts,
        issue_date=choice.issue_date,
        includes_disputed=choice.includes_disputed,
        exchange_rates={currency: str(rate) for currency, rate in choice.exchange_rates.items()},
        by=member.user,
    )
    BillingRunItem.objects.bulk_create(
        [
            BillingRunItem(
                organization=organization,
                run=run,
                subscription=each.subscription,
                account_id=each.subscription.account_id,
                period_start=each.start,
                outcome=BillingOutcome.SKIPPED if each.skipped else BillingOutcome.PLANNED,
                skipped=each.skipped or "",
                told=each.told,
            )
            for each in [*plan.due, *plan.skipped]
        ],
        batch_size=1_000,
    )
    return run


def _done(run: BillingRun, *, at_once: bool) -> BillingRun:
    if at_once:
        run_now(run.job)
    with organization_scope(run.organization, write=False):
        return BillingRun.objects.select_related("job", "by", "organization").get(pk=run.pk)


def _earlier(member: Membership, stored_key: str, fingerprint: str) -> BillingRun | None:
    with organization_scope(member.organization, write=False):
        jobs = member.organization.jobs.filter(kind=JobKind.BILL_SUBSCRIPTIONS, idempotency_key=stored_key)
        job = jobs.first()
        if job is None:
            return None
        if job.payload.get("fingerprint") != fingerprint:
            raise BillingRefused("This Idempotency-Key was used with another body.")
        return BillingRun.objects.select_related("job", "by", "organization").get(uuid=job.payload["run"])


# -- the job ----------------------------------------------------------------------------------------


def work_on_run(job_run: JobRun) -> None:
    """The job: chunk by chunk, in the order of the items; a second run goes on behind the last committed one."""
    organization, step = job_run.organization, job_run.payload["step"]
    with organization_scope(organization, write=False):
        run = organization.billing_runs.select_related("by").get(uuid=job_run.payload["run"])
        run.organization = organization
    done = job_run.job.done
    while True:
        job_run.check()
        with organization_scope(organization, write=False):
            waiting = run.items.filter(outcome__in=WAITING[step], pk__gt=job_run.offset)
            keys = list(waiting.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not keys:
            break
        done += len(keys)
        with job_run.chunk(offset=keys[-1], done=done):
            lock_sequence(organization, LOCK)
            _STEPS[step](run, keys)
    with job_run.chunk(advances=False):
        result = run_result(run)
        message = _told(run, step, result)
        if run.by:
            notify(organization=organization, to=[run.by], kind=NEWS, title=message, url=run.get_absolute_url())
    job_run.finish(result, message=message)


def choice_of(run: BillingRun) -> BillingChoice:
    """What was asked for, from what is stored of it."""
    return BillingChoice(
        window=run.window,
        as_drafts=run.as_drafts,
        issue_date=run.issue_date,
        includes_disputed=run.includes_disputed,
        exchange_rates={currency: Decimal(rate) for currency, rate in run.exchange_rates.items()},
    )


def run_result(run: BillingRun) -> dict[str, Any]:
    """What has become of a run's intervals, as the API says it."""
    rows = run.items.order_by().values_list("outcome").annotate(Count("pk"), Sum("taxable_inr"), Sum("total_inr"))
    counts = {outcome: (count, round2(taxable), round2(total)) for outcome, count, taxable, total in rows}
    billed = [counts.get(outcome, (0, ZERO, ZERO)) for outcome in (BillingOutcome.DRAFTED, BillingOutcome.ISSUED)]
    return {
        "billing_run_id": str(run.uuid),
        **{outcome.value: counts.get(outcome, (0,))[0] for outcome in BillingOutcome},
        "taxable": str(billed[0][1] + billed[1][1]),
        "total": str(billed[0][2] + billed[1][2]),
    }


def _told(run: BillingRun, step: str, result: dict[str, Any]) -> str:
    total = rupees_compact(Decimal(result["total"]))
    if step == UNDO:
        left = result["issued"] + result["drafted"]
        kept = f"; {counted(left, 'invoice')} could not be" if left else ""
        return f"{run.period_text}: {counted(result['taken_back'], 'invoice')} taken back{kept}."
    what = counted(result["issued"], "invoice") + " issued"
    if result["drafted"]:
        drafts = counted(result["drafted"], "draft")
        what = f"{what}, {drafts} left" if result["issued"] else f"{drafts} written"
    skipped = f"; {result['skipped']} skipped" if result["skipped"] else ""
    return f"{run.period_text}: {what}, {total} with GST{skipped}."


# -- billing ----------------------------------------------------------------------------------------


def _bill(run: BillingRun, keys: Sequence[int]) -> None:
    """Invoice some intervals, looked at anew: what has been billed, paused or disputed since is skipped."""
    organization = run.organization
    today = periods.today(organization)
    items = list(run.items.filter(pk__in=keys).order_by("pk"))
    plan = plan_billing(organization, choice_of(run), today=today, only={item.subscription_id for item in items})
    if plan.refusal:
        raise plan.refusal
    found = {(each.subscription.pk, each.start): each for each in [*plan.due, *plan.skipped]}
    due: list[tuple[BillingRunItem, Billable]] = []
    for item in items:
        each = found.get((item.subscription_id, item.period_start))
        if each is None or each.invoice is None or each.skipped:
            item.outcome = BillingOutcome.SKIPPED
            item.skipped = (each and each.skipped) or SkipReason.NOT_DUE
            item.told = each.told if each else ""
        else:
            due.append((item, each))
    _write_invoices(run, due)
    BillingRunItem.objects.bulk_update(
        items, ["outcome", "skipped", "told", "invoice", "taxable_inr", "total_inr"], batch_size=CHUNK
    )


def _write_invoices(run: BillingRun, due: list[tuple[BillingRunItem, Billable]]) -> None:
    organization, owners = run.organization, _owners(run, {each.subscription.pk for _, each in due})
    invoices: list[Invoice] = []
    if not run.as_drafts:
        _number(organization, [each for _, each in due])
    for item, each in due:
        invoice = each.invoice
        assert invoice is not None  # noqa: S101 -- only those that were worked out are due
        invoice.owner_id = owners.get(each.subscription.pk, run.by_id)
        invoices.append(invoice)
        item.outcome = BillingOutcome.DRAFTED if run.as_drafts else BillingOutcome.ISSUED
        item.taxable_inr, item.total_inr = invoice.taxable_inr, invoice.total_inr
    stored = bulk_create_with_history(invoices, Invoice, batch_size=CHUNK, default_user=run.by)
    lines = []
    for (item, each), invoice in zip(due, stored, strict=True):
        item.invoice = invoice
        for line in each.lines:
            line.invoice = invoice
            lines.append(line)
    InvoiceLine.objects.bulk_create(lines, batch_size=1_000)
    if not run.as_drafts:
        record_activities(organization, [issued_happening(invoice, by=run.by) for invoice in stored])


def _number(organization: Organization, due: list[Billable]) -> None:
    """Make invoices final, with consecutive numbers in their order; each financial year has its own."""
    by_series: dict[str, list[Billable]] = {}
    for each in due:
        supplier = each.parties.supplier if each.parties else None
        if supplier is not None:
            by_series.setdefault(invoice_series(supplier, each.day), []).append(each)
    for series in sorted(by_series):
        of_series = by_series[series]
        first = take_numbers(organization, series, len(of_series))
        for counter, each in enumerate(of_series, start=first):
            if each.invoice is not None and each.parties is not None:
                finish(each.invoice, each.parties, day=each.day, counter=counter)


def _owners(run: BillingRun, subscriptions: set[int]) -> dict[int, int]:
    """Who looked after the last invoice of a subscription, while they are active members: they go on doing so."""
    organization = run.organization
    members = organization.memberships.active().values("user")
    since = run.starts_on - timedelta(days=400)
    rows = organization.invoices.filter(subscription__in=subscriptions, owner__in=members, period_start__gte=since)
    return dict(rows.order_by("period_start", "pk").values_list("subscription", "owner"))


# -- what can be done with a run --------------------------------------------------------------------


def _issue_drafts(run: BillingRun, keys: Sequence[int]) -> None:
    organization = run.organization
    today, choice = periods.today(organization), choice_of(run)
    supplier = default_tax_profile(organization)

    def issue(item: BillingRunItem, invoice: Invoice) -> None:
        if invoice.is_draft:
            day = invoice.issue_date or billing_day(item.period_start, choice, supplier, today=today)
            invoice = issue_invoice(invoice=invoice, by=run.by, issue_date=day)
        item.outcome = BillingOutcome.ISSUED
        item.taxable_inr, item.total_inr = invoice.taxable_inr, invoice.total_inr

    _each_invoice(run, keys, issue)


def _take_back(run: BillingRun, keys: Sequence[int]) -> None:
    def take_back(item: BillingRunItem, invoice: Invoice) -> None:
        if invoice.is_draft:
            delete_draft(invoice=invoice, by=run.by)
            item.invoice = None
        elif invoice.is_issued:
            void_invoice(invoice=invoice, by=run.by, reason=UNDO_REASON)
        item.outcome = BillingOutcome.TAKEN_BACK

    _each_invoice(run, keys, take_back)


def _each_invoice(run: BillingRun, keys: Sequence[int], do: Callable[[BillingRunItem, Invoice], None]) -> None:
    """Do something to the invoices of some items; what is refused stays as it is, and its item says why."""
    items = list(run.items.filter(pk__in=keys).select_related("invoice__account").order_by("pk"))
    for item in items:
        if item.invoice is None:
            item.outcome, item.told = BillingOutcome.TAKEN_BACK, "The draft was deleted."
            continue
        item.invoice.organization = run.organization
        try:
            do(item, item.invoice)
        except DomainError as refusal:
            item.told = refusal.message[:255]
        else:
            item.told = ""
    BillingRunItem.objects.bulk_update(
        items, ["outcome", "told", "invoice", "taxable_inr", "total_inr"], batch_size=CHUNK
    )


_STEPS: dict[str, Callable[[BillingRun, Sequence[int]], None]] = {
    BILL: _bill,
    ISSUE: _issue_drafts,
    UNDO: _take_back,
}
