"""`POST /api/invoices/bulk-issue`: what subscriptions owe, invoiced as a job."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from billing.enums import BillingOutcome, JobKind, SkipReason
from billing.models import BillingRun, BillingRunItem
from billing.services.billable import BillingChoice, BillingPlan, plan_billing
from billing.services.billing_run import BILL, ISSUE, UNDO, continue_run, run_result, start_run
from csplatform import periods
from csplatform.api.serializers import JobSerializer
from csplatform.api.views import TenantAPIView
from csplatform.exceptions import InvalidInput
from csplatform.formatting import counted, rupees_compact
from csplatform.idempotency import HEADER, MAX_LENGTH, body_hash
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions

CURRENCY = re.compile(r"[A-Z]{3}")
RATE = Decimal("0.000001"), Decimal(99_999_999)
STEPS = {"continue": BILL, "issue": ISSUE, "undo": UNDO}


class BulkIssueSerializer(serializers.Serializer[Any]):
    """Which intervals of subscriptions, and how they are invoiced."""

    month = serializers.RegexField(
        r"^[0-9]{4}-(0[1-9]|1[0-2])\Z",
        required=False,
        help_text="`2026-11`: intervals that begin in it. Or give `from` and `to`.",
        error_messages={"invalid": "takes a month, such as 2026-11."},
    )
    to = serializers.DateField(required=False)
    as_drafts = serializers.BooleanField(required=False, default=False)
    issue_date = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The first day each bills unless given."
    )
    include_disputed = serializers.BooleanField(required=False, default=False)
    exchange_rates = serializers.DictField(
        child=serializers.DecimalField(max_digits=14, decimal_places=6, min_value=RATE[0], max_value=RATE[1]),
        required=False,
        help_text="Rupees for one unit, by currency; each subscription's own rate unless given.",
    )
    dry_run = serializers.BooleanField(required=False, default=False)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate_exchange_rates(self, rates: dict[str, Decimal]) -> dict[str, Decimal]:
        if wrong := [name for name in rates if not CURRENCY.fullmatch(name)]:
            raise ValidationError(f"“{wrong[0][:10]}” is not a currency; write three capital letters.")
        return rates

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        start, end = facts.get("from"), facts.get("to")
        if ("month" in facts) == (start is not None or end is not None):
            raise ValidationError({"month": ["Give a month, or from and to."]})
        if "month" in facts:
            start = periods.parse_date(f"{facts['month']}-01", parameter="month")
            end = periods.month_end(start)
        facts["window"] = periods.custom_window(start, end)
        return facts

    def choice(self) -> BillingChoice:
        facts = self.validated_data
        return BillingChoice(
            window=facts["window"],
            as_drafts=facts["as_drafts"],
            issue_date=facts["issue_date"],
            includes_disputed=facts["include_disputed"],
            exchange_rates=facts.get("exchange_rates", {}),
        )


class BillingRunItemSerializer(serializers.ModelSerializer[BillingRunItem]):
    """One interval of a subscription."""

    subscription_id = serializers.UUIDField(source="subscription.uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    invoice_id = serializers.UUIDField(source="invoice.uuid", read_only=True, allow_null=True, default=None)
    invoice_number = serializers.CharField(source="invoice.number", read_only=True, allow_null=True, default=None)
    outcome = serializers.ChoiceField(BillingOutcome.choices, read_only=True)
    skipped = serializers.ChoiceField(SkipReason.choices, read_only=True, allow_blank=True)

    class Meta:
        model = BillingRunItem
        fields = [
            "subscription_id", "account_id", "period_start", "outcome", "skipped", "told", "invoice_id",
            "invoice_number",
        ]  # fmt: skip
        read_only_fields = fields


class BillingRunSerializer(serializers.ModelSerializer[BillingRun]):
    """A run, its newest job, and what has become of its intervals."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    job = JobSerializer(read_only=True)
    to = serializers.DateField(source="ends_on", read_only=True)
    include_disputed = serializers.BooleanField(source="includes_disputed", read_only=True)
    result = serializers.SerializerMethodField()
    items = BillingRunItemSerializer(many=True, read_only=True)

    class Meta:
        model = BillingRun
        fields = ["id", "to", "as_drafts", "issue_date", "include_disputed", "created_at", "job", "result", "items"]
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(source="starts_on", read_only=True), **super().get_fields()}

    def get_result(self, run: BillingRun) -> dict[str, Any]:
        return run_result(run)


@own_transactions
class BulkIssueView(TenantAPIView):
    """Invoice what subscriptions owe for the intervals that begin on some days, each exactly once."""

    write_permission = Action.WRITE_BILLING

    @extend_schema(
        request=BulkIssueSerializer,
        parameters=[
            OpenApiParameter(HEADER, str, OpenApiParameter.HEADER),
            OpenApiParameter("Prefer", str, OpenApiParameter.HEADER, description="`respond-async` answers 202."),
        ],
        responses={
            200: OpenApiResponse(JobSerializer, description="Done; or, with `dry_run`, what would be done."),
            202: OpenApiResponse(JobSerializer, description="Under way; follow `Location`."),
        },
        tags=["invoices"],
    )
    def post(self, request: Request) -> Response:
        body = BulkIssueSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key = request.headers.get(HEADER, "")
        if len(key) > MAX_LENGTH:
            raise InvalidInput(f"{HEADER} takes at most {MAX_LENGTH} characters.")
        choice = body.choice()
        if body.validated_data["dry_run"]:
            with organization_scope(self.organization, write=False):
                plan = plan_billing(self.organization, choice, today=periods.today(self.organization))
                if plan.refusal:
                    raise plan.refusal
                return Response(_preview(plan))
        run = start_run(
            member=self.member,
            choice=choice,
            key=key,
            fingerprint=body_hash(self.http_request) if key else "",
            respond_async="respond-async" in request.headers.get("Prefer", ""),
        )
        return _job_answer(run)


class BillingRunView(TenantAPIView):
    """What has become of a run's intervals."""

    @extend_schema(responses=BillingRunSerializer, tags=["invoices"])
    def get(self, request: Request, uuid: str) -> Response:
        runs = self.organization.billing_runs.select_related("job")
        run = get_object_or_404(
            runs.prefetch_related("items__subscription", "items__account", "items__invoice"), uuid=uuid
        )
        return Response(BillingRunSerializer(run).data)


@own_transactions
class BillingRunStepView(TenantAPIView):
    """Go on with a run that was stopped, issue its drafts, or take it back: drafts are deleted, invoices voided where
    that is allowed."""

    write_permission = Action.WRITE_BILLING
    step = ""

    @extend_schema(
        request=None,
        responses={
            200: OpenApiResponse(JobSerializer, description="Done."),
            202: OpenApiResponse(JobSerializer, description="Under way; follow `Location`."),
        },
        tags=["invoices"],
    )
    def post(self, request: Request, uuid: str) -> Response:
        with organization_scope(self.organization, write=False):
            run = get_object_or_404(self.organization.billing_runs.select_related("job"), uuid=uuid)
        return _job_answer(continue_run(run=run, member=self.member, step=STEPS[self.step]))


def _job_answer(run: BillingRun) -> Response:
    response = Response(JobSerializer(run.job).data, status=200 if run.job.is_finished else 202)
    response["Location"] = reverse("api_job", args=[run.job.uuid])
    return response


def _preview(plan: BillingPlan) -> dict[str, Any]:
    """As the job would answer, without one."""
    skipped = {reason.value: len(found) for reason, found in plan.skipped_by_reason()}
    told = f"{counted(len(plan.due), 'invoice')} over {rupees_compact(plan.total)} with GST"
    return {
        "id": None,
        "kind": JobKind.BILL_SUBSCRIPTIONS,
        "status": "succeeded",
        "done": len(plan.due),
        "total": len(plan.due),
        "message": f"{told}; {len(plan.skipped)} skipped." if plan.skipped else f"{told}.",
        "result": {
            "dry_run": True,
            "planned": len(plan.due),
            "taxable": str(plan.taxable),
            "total": str(plan.total),
            "skipped": len(plan.skipped),
            "skipped_by_reason": skipped,
        },
        "error": "",
        "created_at": None,
        "started_at": None,
        "finished_at": None,
    }
