"""What customers owe, on pages: by age as of any day, what they promised, and how they pay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.generic import TemplateView

from accounts.enums import AccountScope
from billing.document_filters import PromiseFilter
from billing.document_querysets import CollectionNoteQuerySet
from billing.enums import AgeBucket, PromiseState
from billing.selectors.ageing import AgeingRow, ageing, sums_of
from billing.selectors.dashboard.customers import PayerRow, high_risk_rows, payer_rows
from billing.selectors.dashboard.view import BillingView, billing_view
from billing.views.lists import BillingListView
from csplatform.exceptions import DomainError
from csplatform.exports import Cell, csv_response
from csplatform.http import AuthenticatedRequest
from csplatform.money import ZERO
from csplatform.periods import parse_as_of, today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView
from csplatform.views.paging import PAGE_SIZES

PROMISE_TONES = {
    PromiseState.DUE: "info",
    PromiseState.OPEN: "gray",
    PromiseState.BROKEN: "danger",
    PromiseState.KEPT: "success",
}
EVERYBODY = 100_000
"""More rows than any organisation has customers."""


class RowsView(OrganizationView, TemplateView):
    """Rows that a selector makes: narrowed, sorted, paged, and as CSV the same ones."""

    export_name = ""
    export_header: tuple[str, ...] = ()
    sorts: dict[str, Any] = {}
    default_sort = ""

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        self.refusal = ""
        now = timezone.now()
        day = today(request.organization, now=now)
        try:
            day = parse_as_of(request.GET.get("as_of"), today=day)
        except DomainError as error:
            self.refusal = error.message
        self.billing = billing_view(request.organization, now=now, as_of=day)
        rows = self.sorted(self.rows(self.billing))
        if request.GET.get("format") == "csv":
            name = f"{self.export_name}-{day.isoformat()}.csv"
            return csv_response(
                request.organization, name, self.export_header, lambda: (self.export_row(row) for row in rows)
            )
        size = request.GET.get("page_size", "")
        pages = Paginator(rows, int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[1])
        context = self.get_context_data(
            rows=rows,
            page_obj=pages.get_page(request.GET.get("page")),
            day=day,
            is_today=day == self.billing.today,
            refusal=self.refusal,
            list_url=request.path,
            current_sort=self.sort,
            scopes=AccountScope.choices,
            may_write=can(request.member, Action.WRITE_BILLING),
            **kwargs,
        )
        return self.render_to_response(context)

    @property
    def sort(self) -> str:
        wanted: str = self.request.GET.get("sort", self.default_sort)
        return wanted if wanted.removeprefix("-") in self.sorts else self.default_sort

    def sorted(self, rows: list[Any]) -> list[Any]:
        return sorted(rows, key=self.sorts[self.sort.removeprefix("-")], reverse=self.sort.startswith("-"))

    def accounts(self) -> Any:
        """The accounts in question: by text and by who looks after them."""
        accounts = self.request.organization.accounts.all()
        scope = self.request.GET.get("owner", "")
        if scope in AccountScope.values:
            accounts = accounts.for_member_scope(self.request.member, scope)
        text = self.request.GET.get("q", "")[:200]
        return accounts.search(text) if text.strip() else accounts

    def rows(self, view: BillingView) -> list[Any]:
        raise NotImplementedError

    def export_row(self, row: Any) -> list[Cell]:
        raise NotImplementedError


class AgeingView(RowsView):
    """Who owes how much since when, as of any day."""

    template_name = "billing/ageing.html"
    export_name = "ageing"
    export_header = (
        "Account",
        "Not due",
        *(bucket.label for bucket in AgeBucket),
        "Overdue",
        "Total",
        "Oldest, days",
    )
    sorts = {
        "account": lambda row: row.account.name_key,
        "not_due": lambda row: row.not_due,
        "overdue": lambda row: row.overdue,
        "total": lambda row: row.total,
        "oldest": lambda row: row.oldest_days,
    }
    default_sort = "-overdue"

    def rows(self, view: BillingView) -> list[AgeingRow]:
        return ageing(view, self.accounts())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sums=sums_of(kwargs["rows"]), buckets=list(AgeBucket), **kwargs)

    def export_row(self, row: AgeingRow) -> list[Cell]:
        return [row.account.name, row.not_due, *row.ages.values(), row.overdue, row.total, row.oldest_days]


class PayersView(RowsView):
    """How customers pay, beside their health; narrowed to those at high risk where that is asked for."""

    template_name = "billing/payers.html"
    export_name = "payers"
    export_header = (
        "Account",
        "MRR",
        "Health",
        "Risk",
        "Delay, days",
        "Overdue invoices",
        "Overdue",
        "Refunds, 90 days",
    )
    sorts = {
        "account": lambda row: row.account.name_key,
        "mrr": lambda row: row.mrr,
        "health": lambda row: row.score,
        "delay": lambda row: row.average_delay,
        "overdue": lambda row: row.overdue,
        "refunds": lambda row: row.refunds,
    }
    default_sort = "health"

    def rows(self, view: BillingView) -> list[PayerRow]:
        known = set(self.accounts().values_list("pk", flat=True))
        return [row for row in payer_rows(view, most=EVERYBODY) if row.account.pk in known]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = kwargs["rows"]
        sums = {
            "mrr": sum((row.mrr for row in rows), ZERO),
            "overdue": sum((row.overdue for row in rows), ZERO),
            "refunds": sum(row.refunds for row in rows),
        }
        return super().get_context_data(sums=sums, **kwargs)

    def export_row(self, row: PayerRow) -> list[Cell]:
        return [
            row.account.name,
            row.mrr,
            row.score,
            row.risk.label,
            row.average_delay,
            row.overdue_invoices,
            row.overdue,
            row.refunds,
        ]


class HighRiskView(RowsView):
    """Who owes on three invoices, asks for refund after refund, or is late as a rule: all of them."""

    template_name = "billing/high_risk.html"
    export_name = "high-risk-customers"
    export_header = ("Account", "Overdue invoices", "Overdue", "Refund requests, 90 days", "Delay, days", "Why")
    sorts = {
        "account": lambda row: row.account.name_key,
        "overdue": lambda row: row.overdue,
        "invoices": lambda row: row.overdue_invoices,
        "refunds": lambda row: row.refunds,
        "delay": lambda row: row.average_delay,
    }
    default_sort = "-overdue"

    def rows(self, view: BillingView) -> list[Any]:
        known = set(self.accounts().values_list("pk", flat=True))
        return [row for row in high_risk_rows(view, most=EVERYBODY) if row.account.pk in known]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(overdue_sum=sum((row.overdue for row in kwargs["rows"]), ZERO), **kwargs)

    def export_row(self, row: Any) -> list[Cell]:
        return [
            row.account.name,
            row.overdue_invoices,
            row.overdue,
            row.refunds,
            row.average_delay,
            ", ".join(row.reasons),
        ]


class PromiseListView(BillingListView):
    """What customers promised last, the nearest day first."""

    template_name = "billing/promise_list.html"
    context_object_name = "promises"
    filter_class = PromiseFilter
    sorts = {"promised": "promised_on", "account": "invoice__account__name_key", "outstanding": "owed"}
    default_sort = "promised"
    export_name = "promises"
    export_header = (
        "Promised by", "Account", "Invoice", "Due", "Currency", "Outstanding", "Promised amount",
        "State",        "What was said", "By", "Written",
    )  # fmt: skip

    def all_rows(self) -> CollectionNoteQuerySet:
        promises: CollectionNoteQuerySet = self.request.organization.collection_notes.promises().given_last()
        return promises.annotate(owed=F("invoice__total_inr") - F("invoice__settled_inr"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        day, chosen = context["today"], self.request.GET.get("state", "")
        every = self.all_rows()
        counts = {state: every.in_state(state, today=day).count() for state in PromiseState}
        return context | {
            "rows": [
                (promise, state, PROMISE_TONES[state])
                for promise in context["promises"]
                if (state := promise.state_on(day))
            ],
            "states": [
                {"label": f"All · {every.count()}", "url": self.request.path, "is_current": not chosen},
                *(
                    {
                        "label": f"{state.label} · {counts[state]}",
                        "url": f"?state={state.value}",
                        "is_current": chosen == state.value,
                    }
                    for state in PromiseState
                ),
            ],
        }

    def export_rows(self, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
        day = today(self.request.organization)
        for each in rows.iterator(chunk_size=1_000):
            invoice, state = each.invoice, each.state_on(day)
            yield [
                each.promised_on,
                invoice.account.name,
                invoice.number,
                invoice.due_date,
                invoice.currency,
                invoice.outstanding,
                each.promised_amount,
                state.label if state else "",
                each.text,
                each.written_by.display_name if each.written_by else "",
                each.created_at,
            ]
