"""The billing tab of an account: what it subscribed to, what it pays, when that ends."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from accounts.permissions import can_edit_account
from accounts.selectors.account_by_key import account_by_key
from billing.selectors.mrr import mrr_by_month
from billing.selectors.renewals import expected, forecast_model
from billing.selectors.tax_profiles import lacks_of
from billing.services.invoice import customer_profile
from billing.views.charts import mrr_chart, mrr_finding
from billing.views.subscription import shown_subscriptions
from csplatform import periods
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView

MONTHS = 12
MOVEMENTS_SHOWN = 12
RENEWALS_SHOWN = 12


class AccountBillingView(OrganizationView, TemplateView):
    """Each part is a partial of its own, drawn where it has something to say."""

    template_name = "billing/account_billing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, member = self.request.organization, self.request.member
        account = account_by_key(organization.accounts.for_list(), kwargs["key"])
        today = periods.today(organization)
        points = mrr_by_month(organization, until=today, months=MONTHS, accounts=[account.pk])
        model = forecast_model(organization)
        renewals = list(account.renewals.for_list().order_by("-due_on")[:RENEWALS_SHOWN])
        profile = customer_profile(account)
        may_write = can(member, Action.WRITE_BILLING) and not account.is_archived
        return super().get_context_data(
            account=account,
            today=today,
            subscriptions=shown_subscriptions(account.subscriptions.for_list(), today=today),
            renewals=[
                {"renewal": renewal, "expected": expected(renewal, model, today=today) * 100} for renewal in renewals
            ],
            profile=profile,
            profile_lacks=lacks_of(profile if profile.pk else None),
            movements=account.mrr_movements.order_by("-date", "-pk")[:MOVEMENTS_SHOWN],
            chart=mrr_chart(points),
            chart_finding=mrr_finding(points),
            may_write=may_write,
            may_renew=not account.is_archived
            and can(member, Action.WORK_RENEWALS)
            and (may_write or can_edit_account(member, account)),
            account_tab="billing",
            **kwargs,
        )
