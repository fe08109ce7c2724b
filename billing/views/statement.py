"""A customer's statement: on the page, on paper, as CSV and as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http.response import HttpResponseBase
from django.views.generic import TemplateView

from accounts.selectors.account_by_key import account_by_key
from billing.printing import printed_statement
from billing.selectors.statement import Statement, statement, statement_window
from billing.tax.returns import financial_year_start
from billing.views.pdf import pdf_page
from csplatform.exports import Cell, csv_response
from csplatform.http import AuthenticatedRequest
from csplatform.periods import PeriodError, Window, today
from csplatform.views.base import OrganizationView

HEADER = ["Date", "What", "Reference", "Charged", "Credited", "Balance"]


class StatementView(OrganizationView, TemplateView):
    """From a day to a day, the financial year unless told otherwise."""

    template_name = "billing/statement.html"

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        account = account_by_key(request.organization.accounts.for_list(), kwargs["key"])
        day = today(request.organization)
        refusal = ""
        try:
            window = statement_window(request.GET.get("from", ""), request.GET.get("to", ""), day=day)
        except PeriodError as error:
            window, refusal = Window(financial_year_start(day), day), error.message
        found = statement(account, window, currency=request.GET.get("currency", ""))
        name = f"statement-{account.number}-{window.end.isoformat()}"
        if request.GET.get("format") == "csv":
            return csv_response(request.organization, f"{name}.csv", HEADER, lambda: _rows(found))
        context = self.get_context_data(
            account=account, refusal=refusal, account_tab="billing", **printed_statement(found), **kwargs
        )
        if request.GET.get("format") == "pdf":
            return pdf_page(request, "billing/statement_pdf.html", context, name)
        return self.render_to_response(context)


def _rows(found: Statement) -> Iterator[list[Cell]]:
    yield [found.window.start, "Opening balance", "", "", "", found.opening]
    for line in found.lines:
        entry = line.entry
        yield [entry.day, entry.what, entry.reference, entry.charged or "", entry.credited or "", line.balance]
    yield [found.window.end, "Closing balance", "", found.charged, found.credited, found.closing]
