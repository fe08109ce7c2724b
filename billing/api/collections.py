"""What finance collects with, over the API: statements, ageing, promises; credit notes and filings."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.fields import AmountField, InvoiceField, positive
from billing.document_filters import CreditNoteFilter, PromiseFilter
from billing.document_querysets import CollectionNoteQuerySet, CreditNoteQuerySet
from billing.enums import AgeBucket, CollectionNoteKind, ItcReversal
from billing.models import CollectionNote, CreditNote, ReturnFiling
from billing.printing import credit_note_pdf
from billing.selectors.ageing import AgeingRow, ageing, sums_of
from billing.selectors.dashboard.view import billing_view
from billing.selectors.statement import statement, statement_window
from billing.services.credit_note import mark_note_reconciled, record_note_irn, set_itc_reversal
from billing.services.filing import mark_filed, unmark_filed
from billing.services.payment import apply_credit
from billing.services.reminder import write_collection_note
from csplatform import periods
from csplatform.api.fields import NullableTextField
from csplatform.api.resources import FORMAT, ORDERING, ResourceViewSet, TenantListMixin
from csplatform.api.views import TenantAPIView, TenantGenericView
from csplatform.permissions import Action

AS_OF = OpenApiParameter("as_of", OpenApiTypes.DATE, description="At the close of this day; today unless given.")
FROM = OpenApiParameter("from", OpenApiTypes.DATE, description="The financial year's first day unless given.")
TO = OpenApiParameter("to", OpenApiTypes.DATE, description="Today unless given; not later.")
CURRENCY = OpenApiParameter("currency", str, description="Rupees unless given.")


# -- statements and ageing --------------------------------------------------------------------------


class StatementLineSerializer(serializers.Serializer[Any]):
    date = serializers.DateField(source="entry.day")
    what = serializers.CharField(source="entry.what")
    reference = serializers.CharField(source="entry.reference")
    charged = AmountField(source="entry.charged")
    credited = AmountField(source="entry.credited")
    balance = AmountField()


class StatementSerializer(serializers.Serializer[Any]):
    """opening + charged − credited = closing = outstanding − on_account."""

    account_id = serializers.UUIDField(source="account.uuid")
    currency = serializers.CharField()
    from_date = serializers.DateField(source="window.start")
    to_date = serializers.DateField(source="window.end")
    opening = AmountField()
    charged = AmountField()
    credited = AmountField()
    closing = AmountField()
    outstanding = AmountField()
    on_account = AmountField()
    lines = StatementLineSerializer(many=True)


class StatementView(TenantAPIView):
    """A customer's statement, in the amounts of its documents."""

    @extend_schema(parameters=[FROM, TO, CURRENCY], responses=StatementSerializer, operation_id="account_statement")
    def get(self, request: Request, key: str) -> Response:
        account = self.organization.accounts.with_key(key).first()
        if account is None:
            raise Http404
        asked, day = request.query_params, periods.today(self.organization)
        window = statement_window(asked.get("from", ""), asked.get("to", ""), day=day)
        return Response(StatementSerializer(statement(account, window, currency=asked.get("currency", ""))).data)


class AgesSerializer(serializers.Serializer[Any]):
    not_due = AmountField()
    ages = serializers.SerializerMethodField(help_text="By days overdue: 1-30, 31-60, 61-90, 91-.")
    overdue = AmountField()
    total = AmountField()

    def get_ages(self, row: Any) -> dict[str, float]:
        return {bucket.value: float(row.ages[bucket]) for bucket in AgeBucket}


class AgeingRowSerializer(AgesSerializer):
    account_id = serializers.UUIDField(source="account.uuid")
    account_name = serializers.CharField(source="account.name")
    oldest_days = serializers.IntegerField()


class AgeingSerializer(serializers.Serializer[Any]):
    """What customers owe by age, in rupees with GST; the sums are those of all rows."""

    as_of = serializers.DateField()
    sums = AgesSerializer()
    customers = AgeingRowSerializer(many=True)


class AgeingView(TenantAPIView):
    """Who owes how much since when, at the close of a day."""

    @extend_schema(parameters=[AS_OF], responses=AgeingSerializer, operation_id="receivables_ageing")
    def get(self, request: Request) -> Response:
        now = timezone.now()
        today = periods.today(self.organization, now=now)
        day = periods.parse_as_of(request.query_params.get("as_of"), today=today)
        view = billing_view(self.organization, now=now, as_of=day)
        rows: list[AgeingRow] = ageing(view, self.organization.accounts.all())
        return Response(AgeingSerializer({"as_of": day, "sums": sums_of(rows), "customers": rows}).data)


# -- promises ---------------------------------------------------------------------------------------


class PromiseSerializer(serializers.ModelSerializer[CollectionNote]):
    """What a customer promised, or was noted about an invoice."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="invoice.account.uuid", read_only=True)
    account_name = serializers.CharField(source="invoice.account.name", read_only=True)
    invoice_id = serializers.UUIDField(source="invoice.uuid", read_only=True)
    invoice_number = serializers.CharField(source="invoice.number", read_only=True)
    outstanding = AmountField(source="invoice.outstanding", read_only=True)
    promised_amount = AmountField(read_only=True)
    state = serializers.SerializerMethodField()
    written_by = serializers.CharField(
        source="written_by.display_name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = CollectionNote
        fields = [
            "id",
            "account_id",
            "account_name",
            "invoice_id",
            "invoice_number",
            "outstanding",
            "kind",
            "promised_on",
            "promised_amount",
            "text",
            "state",
            "written_by",
            "created_at",
        ]
        read_only_fields = fields

    def get_state(self, note: CollectionNote) -> str | None:
        state = note.state_on(periods.today(note.organization))
        return state.value if state else None


class PromiseWriteSerializer(serializers.Serializer[Any]):
    invoice_id = InvoiceField(source="invoice")
    kind = serializers.ChoiceField(CollectionNoteKind.choices, required=False, default=CollectionNoteKind.PROMISE)
    promised_on = serializers.DateField(required=False, allow_null=True)
    promised_amount = AmountField(required=False, allow_null=True)
    text = serializers.CharField(max_length=500, required=False, allow_blank=True)


class PromiseListView(TenantListMixin, TenantGenericView):
    """Promises to pay, the last one of each invoice; POST writes one, or a note."""

    queryset = CollectionNote.objects.none()
    serializer_class = PromiseSerializer
    write_permission = Action.WRITE_BILLING
    filter_set = PromiseFilter
    ordering_fields = {"promised_on": "promised_on", "account_name": "invoice__account__name_key"}
    default_ordering = ("promised_on", "pk")
    csv_columns = PromiseSerializer.Meta.fields
    csv_name = "promises"

    def get_queryset(self) -> CollectionNoteQuerySet:
        promises: CollectionNoteQuerySet = self.organization.collection_notes.promises().given_last()
        return promises.for_list().select_related("organization")

    @extend_schema(parameters=[ORDERING, FORMAT])
    def get(self, request: Request) -> HttpResponseBase:
        return self.list_response(self.get_queryset())

    @extend_schema(request=PromiseWriteSerializer, responses={201: PromiseSerializer})
    def post(self, request: Request) -> Response:
        body = PromiseWriteSerializer(data=request.data, context={"organization": self.organization})
        body.is_valid(raise_exception=True)
        note = write_collection_note(by=self.member.user, **body.validated_data)
        return Response(PromiseSerializer(note).data, status=status.HTTP_201_CREATED)


# -- credit notes -----------------------------------------------------------------------------------


class CreditNoteSerializer(serializers.ModelSerializer[CreditNote]):
    """What an invoice was lowered by, and what became of that."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    invoice_id = serializers.UUIDField(source="invoice.uuid", read_only=True)
    invoice_number = serializers.CharField(source="invoice.number", read_only=True)
    currency = serializers.CharField(source="invoice.currency", read_only=True)
    taxable = AmountField(read_only=True)
    cgst = AmountField(read_only=True)
    sgst = AmountField(read_only=True)
    igst = AmountField(read_only=True)
    total = AmountField(read_only=True)
    applied = AmountField(read_only=True)
    paid_out = AmountField(read_only=True)
    left_over = AmountField(read_only=True)
    irn = NullableTextField(read_only=True)

    class Meta:
        model = CreditNote
        fields = [
            "id",
            "number",
            "date",
            "account_id",
            "account_name",
            "invoice_id",
            "invoice_number",
            "reason",
            "section",
            "is_gst",
            "currency",
            "taxable",
            "cgst",
            "sgst",
            "igst",
            "total",
            "applied",
            "paid_out",
            "left_over",
            "itc_reversal",
            "reconciled_at",
            "irn_status",
            "irn",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ApplyCreditSerializer(serializers.Serializer[Any]):
    invoice_id = InvoiceField(source="invoice")
    amount = positive()


class ItcReversalSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(
        [(each.value, each.label) for each in (ItcReversal.PENDING, ItcReversal.CONFIRMED)]
    )


class IrnSerializer(serializers.Serializer[Any]):
    irn = serializers.CharField(max_length=100)


class CreditNoteViewSet(ResourceViewSet):
    """Credit notes never change: what is noted on them are their IRN, marks and what they settle."""

    queryset = CreditNote.objects.none()
    serializer_class = CreditNoteSerializer
    write_permission = Action.WRITE_BILLING
    filter_set = CreditNoteFilter
    ordering_fields = {
        "date": "date",
        "number": "number",
        "account_name": "account__name_key",
        "taxable": "taxable_inr",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = CreditNoteSerializer.Meta.fields
    csv_name = "credit-notes"

    def get_queryset(self) -> CreditNoteQuerySet:
        notes: CreditNoteQuerySet = self.organization.credit_notes.for_list()
        return notes

    @extend_schema(request=None, responses=CreditNoteSerializer)
    @action(detail=True, methods=["post"])
    def reconcile(self, request: Request, uuid: str) -> Response:
        return self.shown(mark_note_reconciled(note=self.locked_object(request), by=self.member.user))

    @extend_schema(request=ItcReversalSerializer, responses=CreditNoteSerializer)
    @action(detail=True, methods=["post"])
    def itc(self, request: Request, uuid: str) -> Response:
        note, body = self.locked_object(request), ItcReversalSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(set_itc_reversal(note=note, by=self.member.user, **body.validated_data))

    @extend_schema(request=IrnSerializer, responses=CreditNoteSerializer)
    @action(detail=True, methods=["post"])
    def irn(self, request: Request, uuid: str) -> Response:
        note, body = self.locked_object(request), IrnSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(record_note_irn(note=note, by=self.member.user, **body.validated_data))

    @extend_schema(request=ApplyCreditSerializer, responses=CreditNoteSerializer)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, uuid: str) -> Response:
        """Settle an invoice of the same customer with what is left over."""
        note = self.get_object()
        body = ApplyCreditSerializer(data=request.data, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        return self.shown(apply_credit(credit_note=note, by=self.member.user, **body.validated_data))

    @extend_schema(
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            503: OpenApiResponse(description="Printing to PDF is not installed here; the page prints as well."),
        }
    )
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, uuid: str) -> HttpResponseBase:
        note = self.get_object()
        response = HttpResponse(credit_note_pdf(note), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{note.number}.pdf"'
        return response


# -- filings ----------------------------------------------------------------------------------------


class FilingSerializer(serializers.ModelSerializer[ReturnFiling]):
    """That a period was marked filed, or that this was taken back, and why."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    gstin = serializers.CharField(source="profile.gstin", read_only=True)
    reference = NullableTextField(read_only=True, help_text="The ARN.")
    reason = NullableTextField(read_only=True)
    written_by = serializers.CharField(
        source="written_by.display_name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = ReturnFiling
        fields = ["id", "gstin", "period", "is_filed", "filed_on", "reference", "reason", "written_by", "created_at"]
        read_only_fields = fields


class _PeriodSerializer(serializers.Serializer[Any]):
    period = serializers.DateField(
        input_formats=["%Y-%m"],
        help_text="A month, such as 2026-10; the period that holds it is meant.",
        error_messages={"invalid": "takes a month, written as YYYY-MM."},
    )


class FileSerializer(_PeriodSerializer):
    filed_on = serializers.DateField(required=False, source="on", help_text="Today unless given.")
    reference = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text="The ARN.")


class UnfileSerializer(_PeriodSerializer):
    reason = serializers.CharField(max_length=255)


class FilingListView(TenantListMixin, TenantGenericView):
    """What was marked filed and taken back, newest first; POST marks a period filed."""

    queryset = ReturnFiling.objects.none()
    serializer_class = FilingSerializer
    write_permission = Action.WRITE_BILLING

    @extend_schema(operation_id="gst_filings")
    def get(self, request: Request) -> HttpResponseBase:
        return self.list_response(self.organization.return_filings.select_related("profile", "written_by"))

    @extend_schema(request=FileSerializer, responses={201: FilingSerializer}, operation_id="gst_file")
    def post(self, request: Request) -> Response:
        body = FileSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        filing = mark_filed(organization=self.organization, by=self.member.user, **body.validated_data)
        return Response(FilingSerializer(filing).data, status=status.HTTP_201_CREATED)


class UnfileView(TenantAPIView):
    """It was not filed after all; the reason is kept."""

    write_permission = Action.WRITE_BILLING

    @extend_schema(request=UnfileSerializer, responses={201: FilingSerializer}, operation_id="gst_unfile")
    def post(self, request: Request) -> Response:
        body = UnfileSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        filing = unmark_filed(organization=self.organization, by=self.member.user, **body.validated_data)
        return Response(FilingSerializer(filing).data, status=status.HTTP_201_CREATED)
