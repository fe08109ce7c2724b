"""Invoices over the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import AccountField, MemberField
from billing.api.fields import AmountField, ProductField, not_negative
from billing.document_filters import InvoiceFilter
from billing.document_querysets import InvoiceQuerySet
from billing.enums import InvoiceStatus, LineKind
from billing.models import Invoice, InvoiceLine
from billing.printing import invoice_pdf
from billing.services.invoice import (
    InvoiceFacts,
    LineFacts,
    create_draft,
    delete_draft,
    issue_invoice,
    mark_reconciled,
    void_invoice,
)
from billing.services.invoice import update_draft as change_draft
from csplatform import periods
from csplatform.api.fields import NullableTextField, WholeSerializer
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action


class InvoiceLineSerializer(serializers.ModelSerializer[InvoiceLine]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    product_id = serializers.UUIDField(source="product.uuid", read_only=True, allow_null=True, default=None)
    quantity = serializers.FloatField(read_only=True)
    rate = serializers.FloatField(read_only=True)
    discount_pct = serializers.FloatField(read_only=True, allow_null=True)
    unit_price = AmountField(read_only=True)
    gross = AmountField(read_only=True)
    discount = AmountField(read_only=True)
    taxable = AmountField(read_only=True)
    cgst = AmountField(read_only=True)
    sgst = AmountField(read_only=True)
    igst = AmountField(read_only=True)

    class Meta:
        model = InvoiceLine
        fields = [
            "id",
            "product_id",
            "description",
            "sac",
            "kind",
            "quantity",
            "unit_price",
            "gross",
            "discount",
            "discount_pct",
            "rate",
            "taxable",
            "cgst",
            "sgst",
            "igst",
            "service_from",
            "service_to",
        ]
        read_only_fields = fields


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    """An invoice as it stands today, in its own currency; the rupees stand beside."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    number = NullableTextField(read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    owner_id = serializers.UUIDField(source="owner.uuid", read_only=True, allow_null=True, default=None)
    status = serializers.ChoiceField(InvoiceStatus.choices, read_only=True)
    section = NullableTextField(read_only=True)
    place_of_supply = NullableTextField(read_only=True)
    place_of_supply_name = NullableTextField(source="place_name", read_only=True)
    exchange_rate = serializers.FloatField(read_only=True)
    taxable = AmountField(read_only=True)
    cgst = AmountField(read_only=True)
    sgst = AmountField(read_only=True)
    igst = AmountField(read_only=True)
    round_off = AmountField(read_only=True)
    total = AmountField(read_only=True)
    paid = AmountField(source="settled", read_only=True, help_text="All that settled it.")
    outstanding = AmountField(read_only=True)
    taxable_inr = AmountField(read_only=True)
    total_inr = AmountField(read_only=True)
    outstanding_inr = AmountField(read_only=True)
    days_overdue = serializers.SerializerMethodField()
    lines = InvoiceLineSerializer(many=True, read_only=True)

    class Meta:
        model = Invoice
        fields = [
            "id",
            "number",
            "status",
            "account_id",
            "account_name",
            "owner_id",
            "issue_date",
            "due_date",
            "currency",
            "exchange_rate",
            "section",
            "place_of_supply",
            "place_of_supply_name",
            "reverse_charge",
            "taxable",
            "cgst",
            "sgst",
            "igst",
            "round_off",
            "total",
            "paid",
            "outstanding",
            "days_overdue",
            "taxable_inr",
            "total_inr",
            "outstanding_inr",
            "settled_on",
            "irn_status",
            "irn",
            "is_disputed",
            "is_imported",
            "voided_on",
            "void_reason",
            "reconciled_at",
            "notes",
            "lines",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_days_overdue(self, invoice: Invoice) -> int:
        today: date = self.context["today"]
        return invoice.days_overdue(today)


class LineWriteSerializer(WholeSerializer):
    product_id = ProductField(source="product", required=False, allow_null=True)
    description = serializers.CharField(max_length=255, required=False, allow_blank=True)
    sac = serializers.RegexField(
        r"^[0-9]{4,8}\Z", required=False, error_messages={"invalid": "takes the 4 to 8 digits of a SAC."}
    )
    quantity = serializers.DecimalField(max_digits=14, decimal_places=4, min_value=Decimal("0.0001"), required=False)
    unit_price = AmountField(required=True, allow_null=False, min_value=Decimal(0))
    discount = not_negative()
    discount_pct = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
        help_text="Instead of an amount.",
    )
    rate = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
        help_text="GST in percent; the product's or the SAC's unless given.",
    )
    kind = serializers.ChoiceField(LineKind.choices, required=False)
    service_from = serializers.DateField(required=False, allow_null=True)
    service_to = serializers.DateField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "discount" in attrs and "discount_pct" in attrs:
            raise serializers.ValidationError({"discount_pct": "Give discount or discount_pct, not both."})
        return attrs


class InvoiceWriteSerializer(serializers.Serializer[Any]):
    """A draft. Lines that are given replace all there are."""

    account_id = AccountField(source="account")
    owner_id = MemberField(source="owner", required=False, allow_null=True)
    issue_date = serializers.DateField(required=False, allow_null=True)
    due_date = serializers.DateField(required=False, allow_null=True)
    currency = serializers.RegexField(
        r"^[A-Z]{3}\Z", required=False, error_messages={"invalid": "takes the three capital letters of a currency."}
    )
    exchange_rate = serializers.DecimalField(
        max_digits=14, decimal_places=6, min_value=Decimal("0.000001"), required=False
    )
    reverse_charge = serializers.BooleanField(required=False)
    notes = serializers.CharField(max_length=500, required=False, allow_blank=True)
    lines = serializers.ListField(child=LineWriteSerializer(), max_length=200, required=False)


class IssueSerializer(serializers.Serializer[Any]):
    issue_date = serializers.DateField(required=False, help_text="The draft's, else today.")


class VoidSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=255)


@extend_schema_view(
    create=extend_schema(request=InvoiceWriteSerializer, responses={201: InvoiceSerializer}),
    update=extend_schema(request=InvoiceWriteSerializer, responses=InvoiceSerializer),
)
class InvoiceViewSet(ResourceViewSet):
    """Tax invoices. A draft may change; what is issued never does."""

    queryset = Invoice.objects.none()
    serializer_class = InvoiceSerializer
    write_serializer_class = InvoiceWriteSerializer
    write_permission = Action.WRITE_BILLING
    lookup_value_converter = "uuid"
    filter_set = InvoiceFilter
    ordering_fields = {
        "number": "number",
        "issue_date": "issue_date",
        "due_date": "due_date",
        "account_name": "account__name_key",
        "total": "total_inr",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = [name for name in InvoiceSerializer.Meta.fields if name != "lines"]
    csv_name = "invoices"

    def get_queryset(self) -> InvoiceQuerySet:
        invoices: InvoiceQuerySet = self.organization.invoices.for_detail()
        return invoices

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        if "organization" in context:
            context["today"] = periods.today(context["organization"])
        return context

    def perform_create(self, facts: dict[str, Any]) -> Invoice:
        facts.setdefault("owner", self.member.user)
        return create_draft(organization=self.organization, by=self.member.user, facts=_facts({"lines": []} | facts))

    def perform_update(self, row: Invoice, facts: dict[str, Any]) -> Invoice:
        return change_draft(invoice=row, by=self.member.user, facts=_facts(facts))

    def perform_destroy(self, row: Invoice) -> None:
        delete_draft(invoice=row, by=self.member.user)

    @extend_schema(request=IssueSerializer, responses=InvoiceSerializer)
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, uuid: str) -> Response:
        body = IssueSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        # Not locked here: a number is taken before the invoice is, so that locks keep one order.
        invoice = self.get_object()
        return self.shown(issue_invoice(invoice=invoice, by=self.member.user, **body.validated_data))

    @extend_schema(request=VoidSerializer, responses=InvoiceSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, uuid: str) -> Response:
        invoice = self.locked_object(request)
        body = VoidSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(void_invoice(invoice=invoice, by=self.member.user, **body.validated_data))

    @extend_schema(request=None, responses=InvoiceSerializer)
    @action(detail=True, methods=["post"], url_path="mark-reconciled")
    def mark_reconciled(self, request: Request, uuid: str) -> Response:
        return self.shown(mark_reconciled(invoice=self.locked_object(request), by=self.member.user))

    @extend_schema(
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            503: OpenApiResponse(description="Printing to PDF is not installed here; the page prints as well."),
        }
    )
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, uuid: str) -> HttpResponseBase:
        invoice = self.get_object()
        response = HttpResponse(invoice_pdf(invoice), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{invoice.number or "draft"}.pdf"'
        return response


def _facts(facts: dict[str, Any]) -> InvoiceFacts:
    written = InvoiceFacts(**facts)  # type: ignore[typeddict-item]  # the serializer's names are the facts'
    if "lines" in facts:
        written["lines"] = [cast(LineFacts, line) for line in facts["lines"]]
    return written
