"""Reminders on pages: who is to be reminded of what today, sending that, and what went out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from billing.document_filters import DueReminderFilter, ReminderFilter
from billing.document_querysets import InvoiceQuerySet
from billing.enums import JobKind, ReminderChannel, ReminderStep
from billing.models import Reminder
from billing.selectors.reminders import due_letters, sums_by_step
from billing.services.reminder import start_reminders
from billing.services.settings import billing_settings
from billing.views.lists import BillingListView
from csplatform.exceptions import DomainError
from csplatform.exports import Cell
from csplatform.http import AuthenticatedRequest
from csplatform.money import ZERO
from csplatform.periods import today
from csplatform.permissions import Action
from csplatform.views.base import explain, page
from csplatform.views.paging import PAGE_SIZES


class ReminderListView(BillingListView):
    """The batch of the day: ticked is what can be sent and was not promised for a later day."""

    template_name = "billing/reminder_list.html"
    context_object_name = "invoices"
    write_permission = Action.WRITE_BILLING
    filter_class = DueReminderFilter
    default_page_size = PAGE_SIZES[1]
    sorts = {"due": "due_date", "account": "account__name_key", "outstanding": "owed"}
    default_sort = "due"
    then_by = ("number", "pk")
    export_name = "reminders-due"
    export_header = (
        "Number",
        "Account",
        "Step",
        "Due",
        "Currency",
        "Outstanding",
        "To",
        "Subject",
        "Left out because",
    )

    def all_rows(self) -> InvoiceQuerySet:
        invoices: InvoiceQuerySet = self.request.organization.invoices.to_remind(today(self.request.organization))
        return invoices.annotate(owed=F("total_inr") - F("settled_inr"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        organization, chosen = self.request.organization, self.request.GET.get("step", "")
        steps = sums_by_step(self.all_rows())
        letters = due_letters(organization, context["invoices"], today=context["today"])
        return context | {
            "letters": letters,
            "ticked": sum(1 for each in letters if each.can_be_mailed and not each.is_promised),
            "steps": [
                {"label": f"All · {_count(steps)}", "url": self.request.path, "is_current": not chosen},
                *(
                    {
                        "label": f"{each.step.label} · {each.invoices}",
                        "url": f"?step={each.step.value}",
                        "is_current": chosen == each.step.value,
                    }
                    for each in steps
                ),
            ],
            "due_count": _count(steps),
            "due_sum": sum((each.outstanding for each in steps), ZERO),
            "channels": ReminderChannel.choices,
            "has_mail": settings.EMAIL_IS_CONFIGURED,
            "is_automatic": billing_settings(organization).sends_reminders,
        }

    def export_rows(self, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
        organization = self.request.organization
        for each in due_letters(organization, rows, today=today(organization)):
            letter = each.letter
            yield [
                letter.invoice.number,
                letter.invoice.account.name,
                ReminderStep(letter.step).label if letter.step else "",
                letter.invoice.due_date,
                letter.invoice.currency,
                letter.invoice.outstanding,
                letter.to,
                letter.subject,
                letter.refusal,
            ]

    def post(self, request: AuthenticatedRequest) -> HttpResponse:
        """Send the ticked ones, or all that the filters leave."""
        rows: Any = self.get_queryset()
        if not request.POST.get("all"):
            rows = rows.filter(uuid__in=_uuids(request.POST.getlist("invoice")))
        channel = request.POST.get("channel", ReminderChannel.EMAIL.value)
        if channel not in ReminderChannel.values:
            messages.error(request, f"Choose how: {', '.join(ReminderChannel.labels).lower()}.")
            return redirect(request.get_full_path())
        day = today(request.organization)
        try:
            job = start_reminders(
                organization=request.organization, invoices=rows, channel=channel, by=request.user, today=day
            )
        except DomainError as error:
            messages.error(request, explain(error))
            return redirect(request.get_full_path())
        return redirect("billing:reminder_batch", job.uuid)


@require_GET
@page()
def reminder_batch(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """One batch: its progress, or what came of it."""
    jobs = request.organization.jobs.filter(kind=JobKind.SEND_REMINDERS).select_related("asked_by")
    job = get_object_or_404(jobs, uuid=uuid)
    return render(request, "billing/reminder_batch.html", {"job": job, "result": job.result or {}})


class ReminderLogView(BillingListView):
    """What went out, newest first, with its text."""

    template_name = "billing/reminder_log.html"
    context_object_name = "reminders"
    filter_class = ReminderFilter
    sorts = {"sent": "sent_on", "account": "invoice__account__name_key"}
    default_sort = "-sent"
    export_name = "reminders"
    export_header = ("Date", "Invoice", "Account", "Step", "Channel", "To", "By", "Subject")

    def all_rows(self) -> QuerySet[Reminder]:
        rows: QuerySet[Reminder] = self.request.organization.reminders.all()
        return rows

    def export_rows(self, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
        for each in rows.iterator(chunk_size=1_000):
            yield [
                each.sent_on,
                each.invoice.number,
                each.invoice.account.name,
                each.get_step_display(),
                each.get_channel_display(),
                each.sent_to,
                each.sent_by.display_name if each.sent_by else "",
                each.subject,
            ]


def _count(steps: Any) -> int:
    return sum(each.invoices for each in steps)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
