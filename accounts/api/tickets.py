"""Support tickets over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import AccountField
from accounts.enums import TicketPriority, TicketStatus
from accounts.models import SupportTicket
from accounts.permissions import require_editable
from accounts.querysets import TicketQuerySet
from accounts.services.ticket import delete_ticket, record_ticket, update_ticket
from accounts.ticket_filter import TicketFilter
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action


class TicketSerializer(serializers.ModelSerializer[SupportTicket]):
    """A support ticket as it stands."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    escalated = serializers.BooleanField(source="is_escalated", read_only=True)

    class Meta:
        model = SupportTicket
        fields = [
            "id",
            "account_id",
            "account_name",
            "external_id",
            "subject",
            "description",
            "priority",
            "status",
            "escalated",
            "opened_at",
            "first_response_at",
            "due_at",
            "resolved_at",
            "csat",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class TicketWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a ticket."""

    account_id = AccountField(source="account")
    external_id = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Its id in the support system, kept as it is. A known one updates that ticket.",
    )
    subject = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    priority = serializers.ChoiceField(TicketPriority.choices, required=False)
    status = serializers.ChoiceField(TicketStatus.choices, required=False)
    escalated = serializers.BooleanField(source="is_escalated", required=False)
    opened_at = serializers.DateTimeField(required=False)
    first_response_at = serializers.DateTimeField(required=False, allow_null=True)
    due_at = serializers.DateTimeField(required=False, allow_null=True)
    resolved_at = serializers.DateTimeField(required=False, allow_null=True)
    csat = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)


@extend_schema_view(
    create=extend_schema(
        request=TicketWriteSerializer,
        responses={
            201: TicketSerializer,
            200: OpenApiResponse(TicketSerializer, description="There was a ticket with this `external_id`."),
        },
    ),
    update=extend_schema(request=TicketWriteSerializer, responses=TicketSerializer),
)
class TicketViewSet(ResourceViewSet):
    """Support tickets. Posting one whose `external_id` is known brings that one up to date and answers 200."""

    queryset = SupportTicket.objects.none()
    serializer_class = TicketSerializer
    write_serializer_class = TicketWriteSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    lookup_value_converter = "uuid"
    filter_set = TicketFilter
    ordering_fields = {
        "opened_at": "opened_at",
        "updated_at": "updated_at",
        "resolved_at": "resolved_at",
        "due_at": "due_at",
        "priority": "rank",
        "status": "status",
        "subject": "subject",
        "account_name": "account__name_key",
        "csat": "csat",
    }
    csv_columns = TicketSerializer.Meta.fields
    csv_name = "tickets"

    def get_queryset(self) -> TicketQuerySet:
        tickets: TicketQuerySet = self.organization.tickets.with_rank().for_list()
        return tickets

    def create(self, request: Request) -> Response:
        facts = self.checked(request).validated_data
        require_editable(self.member, facts["account"])
        known = self.organization.tickets.with_external_id(facts.get("external_id", "")).first()
        if known is not None and known.external_id:
            require_editable(self.member, known.account)
        ticket, is_new = record_ticket(organization=self.organization, by=self.member.user, **facts)
        return self.shown(ticket, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    def perform_update(self, row: SupportTicket, facts: dict[str, Any]) -> SupportTicket:
        require_editable(self.member, row.account)
        if "account" in facts:
            require_editable(self.member, facts["account"])
        return update_ticket(ticket=row, by=self.member.user, **facts)

    def perform_destroy(self, row: SupportTicket) -> None:
        require_editable(self.member, row.account)
        delete_ticket(ticket=row, by=self.member.user)
