"""Reminders over the API: who is to be reminded, reminding, and what went out."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.fields import AmountField, InvoiceField
from billing.document_filters import DueReminderFilter, ReminderFilter
from billing.document_querysets import InvoiceQuerySet, ReminderQuerySet
from billing.enums import ReminderChannel, ReminderStep
from billing.models import Invoice, Reminder
from billing.selectors.reminders import DueLetter, due_letters
from billing.services.reminder import send_reminders
from csplatform import periods
from csplatform.api.fields import NullableTextField
from csplatform.api.resources import FORMAT, ORDERING, TenantListMixin
from csplatform.api.views import TenantGenericView
from csplatform.permissions import Action

MOST_INVOICES = 500


class ReminderSerializer(serializers.ModelSerializer[Reminder]):
    """One that went out, with its text."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="invoice.account.uuid", read_only=True)
    account_name = serializers.CharField(source="invoice.account.name", read_only=True)
    invoice_id = serializers.UUIDField(source="invoice.uuid", read_only=True)
    invoice_number = serializers.CharField(source="invoice.number", read_only=True)
    sent_to = NullableTextField(read_only=True)
    sent_by = serializers.CharField(source="sent_by.display_name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Reminder
        fields = [
            "id",
            "account_id",
            "account_name",
            "invoice_id",
            "invoice_number",
            "step",
            "channel",
            "sent_on",
            "sent_to",
            "sent_by",
            "subject",
            "body",
            "created_at",
        ]
        read_only_fields = fields


class DueReminderSerializer(serializers.Serializer[DueLetter]):
    """What would be sent now."""

    invoice_id = serializers.UUIDField(source="letter.invoice.uuid")
    invoice_number = serializers.CharField(source="letter.invoice.number")
    account_id = serializers.UUIDField(source="letter.invoice.account.uuid")
    account_name = serializers.CharField(source="letter.invoice.account.name")
    due_date = serializers.DateField(source="letter.invoice.due_date")
    days_overdue = serializers.IntegerField(source="days", help_text="Negative ahead of the due date.")
    currency = serializers.CharField(source="letter.invoice.currency")
    outstanding = AmountField(source="letter.invoice.outstanding")
    step = serializers.ChoiceField(ReminderStep.choices, source="letter.step")
    sent_to = NullableTextField(source="letter.to")
    subject = serializers.CharField(source="letter.subject")
    body = serializers.CharField(source="letter.body")
    promised_on = serializers.DateField(allow_null=True)
    refusal = NullableTextField(source="letter.refusal", help_text="Why it would not go out by email.")


class RemindersWriteSerializer(serializers.Serializer[Any]):
    invoice_ids = serializers.ListField(child=InvoiceField(), allow_empty=False, max_length=MOST_INVOICES)
    channel = serializers.ChoiceField(ReminderChannel.choices, required=False, default=ReminderChannel.EMAIL)


class ReminderResultSerializer(serializers.Serializer[Any]):
    """What became of one invoice."""

    invoice_id = serializers.UUIDField()
    status = serializers.ChoiceField([("sent", "Sent"), ("skipped", "Skipped")])
    step = serializers.CharField(allow_null=True)
    sent_to = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True, help_text="Why it was skipped.")


class RemindersResultSerializer(serializers.Serializer[Any]):
    sent = serializers.IntegerField()
    skipped = serializers.IntegerField()
    reminders = ReminderResultSerializer(many=True)


class ReminderListView(TenantListMixin, TenantGenericView):
    """Reminds customers: at most once an invoice and step, never of what is disputed or settled."""

    queryset = Reminder.objects.none()
    serializer_class = ReminderSerializer
    write_permission = Action.WRITE_BILLING
    filter_set = ReminderFilter
    ordering_fields = {
        "sent_on": "sent_on",
        "account_name": "invoice__account__name_key",
        "created_at": "created_at",
    }
    csv_columns = ReminderSerializer.Meta.fields
    csv_name = "reminders"

    def get_queryset(self) -> ReminderQuerySet:
        reminders: ReminderQuerySet = self.organization.reminders.for_list()
        return reminders

    @extend_schema(parameters=[ORDERING, FORMAT])
    def get(self, request: Request) -> HttpResponseBase:
        """What went out, newest first."""
        return self.list_response(self.get_queryset())

    @extend_schema(request=RemindersWriteSerializer, responses={201: RemindersResultSerializer})
    def post(self, request: Request) -> Response:
        body = RemindersWriteSerializer(data=request.data, context={"organization": self.organization})
        body.is_valid(raise_exception=True)
        letters = send_reminders(
            organization=self.organization,
            invoices=body.validated_data["invoice_ids"],
            channel=body.validated_data["channel"],
            by=self.member.user,
        )
        results = [
            {
                "invoice_id": str(letter.invoice.uuid),
                "status": "skipped" if letter.refusal else "sent",
                "step": letter.step.value if letter.step else None,
                "sent_to": letter.to or None,
                "reason": letter.refusal or None,
            }
            for letter in letters
        ]
        skipped = sum(1 for letter in letters if letter.refusal)
        answer = {"sent": len(letters) - skipped, "skipped": skipped, "reminders": results}
        return Response(answer, status=status.HTTP_201_CREATED)


class DueReminderListView(TenantListMixin, TenantGenericView):
    """Who is to be reminded of what today, as it would be sent; nothing is."""

    queryset = Invoice.objects.none()
    serializer_class = DueReminderSerializer
    filter_set = DueReminderFilter
    ordering_fields = {"due_date": "due_date", "account_name": "account__name_key"}
    default_ordering = ("due_date", "number", "pk")

    def get_queryset(self) -> InvoiceQuerySet:
        due: InvoiceQuerySet = self.organization.invoices.to_remind(periods.today(self.organization)).for_list()
        return due

    @extend_schema(parameters=[ORDERING])
    def get(self, request: Request) -> HttpResponseBase:
        found = self.paginate_queryset(self.filtered(self.get_queryset())) or []
        letters = due_letters(self.organization, found, today=periods.today(self.organization))
        answer: Response = self.get_paginated_response(self.get_serializer(letters, many=True).data)
        return answer
