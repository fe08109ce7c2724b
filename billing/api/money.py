"""Payments, refunds and write-offs over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import AccountField
from billing.api.fields import AmountField, InvoiceField, PaymentField, not_negative, positive
from billing.document_filters import PaymentFilter, RefundFilter, WriteOffFilter
from billing.document_querysets import PaymentQuerySet, RefundQuerySet, WriteOffQuerySet
from billing.enums import PaymentMethod, RefundMode, RefundReason, TdsCertificate
from billing.models import Allocation, Payment, Refund, WriteOff
from billing.selectors.open_invoices import proposed_shares
from billing.services.payment import (
    PaymentFacts,
    Share,
    allocate_payment,
    record_payment,
    reverse_payment,
    set_tds_certificate,
)
from billing.services.refund import (
    complete_refund,
    fail_refund,
    reject_refund,
    request_overpayment_refund,
    request_refund,
)
from billing.services.write_off import reverse_write_off, write_off_invoice
from csplatform import periods
from csplatform.api.fields import NullableTextField, WholeSerializer
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action

MOST_ALLOCATIONS = 500


# -- payments ---------------------------------------------------------------------------------------


class AllocationSerializer(serializers.ModelSerializer[Allocation]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    invoice_id = serializers.UUIDField(source="invoice.uuid", read_only=True)
    invoice_number = serializers.CharField(source="invoice.number", read_only=True)
    cash = AmountField(read_only=True)
    tds = AmountField(read_only=True)
    amount = AmountField(read_only=True)
    is_reversal = serializers.SerializerMethodField()

    class Meta:
        model = Allocation
        fields = ["id", "invoice_id", "invoice_number", "date", "cash", "tds", "amount", "is_reversal"]
        read_only_fields = fields

    def get_is_reversal(self, allocation: Allocation) -> bool:
        return allocation.reversal_of_id is not None


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """What came in and what it settled; the rest is the customer's advance."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    amount = AmountField(read_only=True)
    tds = AmountField(read_only=True)
    unallocated = AmountField(read_only=True)
    exchange_rate = serializers.FloatField(read_only=True)
    reference = NullableTextField(read_only=True)
    tds_certificate = NullableTextField(read_only=True)
    allocations = AllocationSerializer(many=True, read_only=True)

    class Meta:
        model = Payment
        fields = [
            "id",
            "account_id",
            "account_name",
            "amount",
            "tds",
            "unallocated",
            "currency",
            "exchange_rate",
            "received_on",
            "method",
            "reference",
            "tds_certificate",
            "reversed_on",
            "reverse_reason",
            "allocations",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ShareSerializer(WholeSerializer):
    invoice_id = InvoiceField(source="invoice")
    cash = not_negative()
    tds = not_negative()


class SharesField(serializers.ListField):
    """Allocations of a body, as what the services take."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=ShareSerializer(), max_length=MOST_ALLOCATIONS, **kwargs)

    def to_internal_value(self, data: Any) -> list[Share]:
        return [
            Share(invoice=each["invoice"], cash=each.get("cash", Decimal(0)), tds=each.get("tds", Decimal(0)))
            for each in super().to_internal_value(data)
        ]


class PaymentWriteSerializer(serializers.Serializer[Any]):
    account_id = AccountField(source="account")
    amount = AmountField(required=True, allow_null=False, min_value=Decimal(0))
    tds = not_negative(help_text="What the customer withheld; the sum of the allocations' unless given.")
    received_on = serializers.DateField(required=False)
    method = serializers.ChoiceField(PaymentMethod.choices, required=False)
    reference = serializers.CharField(max_length=100, required=False, allow_blank=True)
    currency = serializers.RegexField(
        r"^[A-Z]{3}\Z", required=False, error_messages={"invalid": "takes the three capital letters of a currency."}
    )
    exchange_rate = serializers.DecimalField(
        max_digits=14, decimal_places=6, min_value=Decimal("0.000001"), required=False
    )
    provider = serializers.CharField(max_length=40, required=False, allow_blank=True)
    provider_reference = serializers.CharField(max_length=100, required=False, allow_blank=True)
    allocations = SharesField(required=False)


class AllocateSerializer(serializers.Serializer[Any]):
    allocations = SharesField()


class ProposalSerializer(serializers.Serializer[Any]):
    invoice_id = serializers.UUIDField(source="invoice.uuid")
    invoice_number = serializers.CharField(source="invoice.number")
    due_date = serializers.DateField(source="invoice.due_date")
    outstanding = AmountField(source="invoice.outstanding")
    cash = AmountField()
    tds = AmountField()


class CertificateSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField([(each.value, each.label) for each in TdsCertificate if each.value])


class ReverseSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, help_text="The day it bounced; today unless given.")
    reason = serializers.CharField(max_length=255)


@extend_schema_view(create=extend_schema(request=PaymentWriteSerializer, responses={201: PaymentSerializer}))
class PaymentViewSet(ResourceViewSet):
    """Payments never change: what bounced is reversed."""

    queryset = Payment.objects.none()
    serializer_class = PaymentSerializer
    write_serializer_class = PaymentWriteSerializer
    write_permission = Action.WRITE_BILLING
    filter_set = PaymentFilter
    ordering_fields = {
        "received_on": "received_on",
        "amount": "amount",
        "account_name": "account__name_key",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = [name for name in PaymentSerializer.Meta.fields if name != "allocations"]
    csv_name = "payments"

    def get_queryset(self) -> PaymentQuerySet:
        payments: PaymentQuerySet = self.organization.payments.for_list()
        return payments

    def perform_create(self, facts: dict[str, Any]) -> Payment:
        account, shares = facts.pop("account"), facts.pop("allocations", [])
        return record_payment(
            account=account,
            by=self.member.user,
            facts=PaymentFacts(**facts),  # type: ignore[typeddict-item]  # the serializer's names are the facts'
            allocations=shares,
        )

    @extend_schema(request=AllocateSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    def allocate(self, request: Request, uuid: str) -> Response:
        payment = self.locked_object(request)
        body = AllocateSerializer(data=request.data, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        return self.shown(allocate_payment(payment=payment, by=self.member.user, **body.validated_data))

    @extend_schema(responses=ProposalSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def proposal(self, request: Request, uuid: str) -> Response:
        """Which open invoices what is on account would settle, the oldest first; nothing is written."""
        return Response(ProposalSerializer(proposed_shares(self.get_object()), many=True).data)

    @extend_schema(request=CertificateSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    def certificate(self, request: Request, uuid: str) -> Response:
        """The certificate of the tax withheld was claimed, or came and was verified."""
        payment = self.locked_object(request)
        body = CertificateSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(set_tds_certificate(payment=payment, by=self.member.user, **body.validated_data))

    @extend_schema(request=ReverseSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, uuid: str) -> Response:
        payment = self.locked_object(request)
        body = ReverseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        on = body.validated_data.get("on") or periods.today(self.organization)
        reason = body.validated_data["reason"]
        return self.shown(reverse_payment(payment=payment, by=self.member.user, on=on, reason=reason))


# -- refunds ----------------------------------------------------------------------------------------


class RefundSerializer(serializers.ModelSerializer[Refund]):
    """A refund, and the credit note that completing it issued."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    invoice_id = serializers.UUIDField(source="invoice.uuid", read_only=True, allow_null=True, default=None)
    invoice_number = serializers.CharField(source="invoice.number", read_only=True, allow_null=True, default=None)
    credit_note = serializers.CharField(source="credit_note.number", read_only=True, allow_null=True, default=None)
    processed_by = serializers.CharField(
        source="processed_by.display_name", read_only=True, allow_null=True, default=None
    )
    amount = AmountField(read_only=True)

    class Meta:
        model = Refund
        fields = [
            "id",
            "number",
            "status",
            "account_id",
            "account_name",
            "invoice_id",
            "invoice_number",
            "amount",
            "reason",
            "mode",
            "date",
            "decided_on",
            "processed_by",
            "outcome_note",
            "credit_note",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class RefundWriteSerializer(serializers.Serializer[Any]):
    invoice_id = InvoiceField(source="invoice", required=False)
    payment_id = PaymentField(
        source="payment", required=False, help_text="Instead of an invoice: returns money that is on account."
    )
    amount = positive(help_text="With tax.")
    reason = serializers.ChoiceField(RefundReason.choices, required=False)
    mode = serializers.ChoiceField(RefundMode.choices, required=False)
    date = serializers.DateField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("invoice" in attrs) == ("payment" in attrs):
            raise serializers.ValidationError({"invoice_id": "Give an invoice_id (or a payment_id, not both)."})
        return attrs


class RefundOutcomeSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=255, required=False, allow_blank=True)


@extend_schema_view(create=extend_schema(request=RefundWriteSerializer, responses={201: RefundSerializer}))
class RefundViewSet(ResourceViewSet):
    """Requests to give money back, and what came of them."""

    queryset = Refund.objects.none()
    serializer_class = RefundSerializer
    write_serializer_class = RefundWriteSerializer
    write_permission = Action.WRITE_BILLING
    filter_set = RefundFilter
    ordering_fields = {
        "date": "date",
        "number": "number",
        "amount": "amount_inr",
        "account_name": "account__name_key",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = RefundSerializer.Meta.fields
    csv_name = "refunds"

    def get_queryset(self) -> RefundQuerySet:
        refunds: RefundQuerySet = self.organization.refunds.for_list()
        return refunds

    def perform_create(self, facts: dict[str, Any]) -> Refund:
        facts["on"] = facts.pop("date", None)
        if "payment" in facts:
            facts.pop("mode", None)
            return request_overpayment_refund(by=self.member.user, **facts)
        return request_refund(by=self.member.user, **facts)

    @extend_schema(request=None, responses=RefundSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, uuid: str) -> Response:
        # Not locked here: a number is taken before the refund is, so that locks keep one order.
        return self.shown(complete_refund(refund=self.get_object(), by=self.member.user))

    @extend_schema(request=RefundOutcomeSerializer, responses=RefundSerializer)
    @action(detail=True, methods=["post"])
    def fail(self, request: Request, uuid: str) -> Response:
        return self._close(request, fail_refund)

    @extend_schema(request=RefundOutcomeSerializer, responses=RefundSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, uuid: str) -> Response:
        return self._close(request, reject_refund)

    def _close(self, request: Request, service: Any) -> Response:
        refund = self.locked_object(request)
        body = RefundOutcomeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(service(refund=refund, by=self.member.user, **body.validated_data))


# -- write-offs -------------------------------------------------------------------------------------


class WriteOffSerializer(serializers.ModelSerializer[WriteOff]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="invoice.account.uuid", read_only=True)
    account_name = serializers.CharField(source="invoice.account.name", read_only=True)
    invoice_id = serializers.UUIDField(source="invoice.uuid", read_only=True)
    invoice_number = serializers.CharField(source="invoice.number", read_only=True)
    amount = AmountField(read_only=True)

    class Meta:
        model = WriteOff
        fields = [
            "id",
            "account_id",
            "account_name",
            "invoice_id",
            "invoice_number",
            "amount",
            "date",
            "reason",
            "reversed_on",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class WriteOffWriteSerializer(serializers.Serializer[Any]):
    invoice_id = InvoiceField(source="invoice")
    amount = positive(help_text="With tax.")
    date = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=255)


class TakeBackSerializer(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, help_text="Today unless given.")


@extend_schema_view(create=extend_schema(request=WriteOffWriteSerializer, responses={201: WriteOffSerializer}))
class WriteOffViewSet(ResourceViewSet):
    """Debts given up."""

    queryset = WriteOff.objects.none()
    serializer_class = WriteOffSerializer
    write_serializer_class = WriteOffWriteSerializer
    write_permission = Action.WRITE_BILLING
    filter_set = WriteOffFilter
    ordering_fields = {"date": "date", "amount": "amount", "created_at": "created_at", "updated_at": "updated_at"}
    csv_columns = WriteOffSerializer.Meta.fields
    csv_name = "write-offs"

    def get_queryset(self) -> WriteOffQuerySet:
        write_offs: WriteOffQuerySet = self.organization.write_offs.for_list()
        return write_offs

    def perform_create(self, facts: dict[str, Any]) -> WriteOff:
        return write_off_invoice(by=self.member.user, on=facts.pop("date", None), **facts)

    @extend_schema(request=TakeBackSerializer, responses=WriteOffSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, uuid: str) -> Response:
        write_off = self.locked_object(request)
        body = TakeBackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(reverse_write_off(write_off=write_off, by=self.member.user, **body.validated_data))
