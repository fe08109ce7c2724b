"""The customer-management contract's accounts: `/api/accounts`.

They show the facts of several rooms, so they stand in the rightmost of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from accounts.permissions import can_assign_owners, require_editable
from accounts.querysets import AccountQuerySet
from accounts.selectors.account_by_key import account_by_key
from accounts.services.account import archive_account, create_account, restore_account, update_account
from csplatform.api.resources import ResourceViewSet, StaleWrite, etag_of
from csplatform.periods import today
from csplatform.permissions import Action
from health.services.override import set_override
from insights.api.account_filter import ContractAccountFilter
from insights.api.account_serializers import (
    AccountWriteSerializer,
    ContractAccountSerializer,
    CustomerAccountDetailSerializer,
)
from insights.selectors.account_detail import account_detail

SET_BY_HAND = "Set over the API"
KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, description="The account's uuid or number.")
NOT_IN_A_FILE = {"tags", "custom_fields", "organization_id"}


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@extend_schema_view(
    list=extend_schema(tags=["customer management"]),
    create=extend_schema(
        request=AccountWriteSerializer, responses={201: CustomerAccountDetailSerializer}, tags=["customer management"]
    ),
)
class AccountViewSet(ResourceViewSet):
    """Accounts in use. Archived ones are as if absent, but for `archived=true` and `restore`."""

    queryset = Account.objects.none()
    serializer_class = ContractAccountSerializer
    write_serializer_class = AccountWriteSerializer
    write_permissions = {
        "POST": Action.CREATE_ACCOUNTS,
        "PUT": Action.EDIT_OWN_ACCOUNTS,
        "DELETE": Action.EDIT_OWN_ACCOUNTS,
    }
    lookup_field = "uuid"
    lookup_url_kwarg = "key"
    filter_set = ContractAccountFilter
    default_ordering = ("name_key", "pk")
    ordering_fields = {
        "name": "name_key",
        "number": "number",
        "status": "status",
        "segment": "segment",
        "arr": "arr",
        "health_score": "health_score",
        "churn_risk_score": "churn_risk_score",
        "contract_end": "contract_end",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "last_engagement": "last_engagement",
    }
    csv_columns = [name for name in ContractAccountSerializer._declared_fields if name not in NOT_IN_A_FILE]
    csv_name = "accounts"

    def get_queryset(self) -> AccountQuerySet:
        accounts: AccountQuerySet = self.organization.accounts.for_contract()
        return accounts

    def get_object(self) -> Account:
        account = account_by_key(self.get_queryset(), self.kwargs["key"])
        if account.is_archived:
            raise Http404("Account not found")
        return account

    @extend_schema(parameters=[KEY], responses=CustomerAccountDetailSerializer, tags=["customer management"])
    def retrieve(self, request: Request, key: str) -> Response:
        return self.shown(self.get_object())

    @extend_schema(
        parameters=[KEY],
        request=AccountWriteSerializer,
        responses=CustomerAccountDetailSerializer,
        tags=["customer management"],
    )
    @transaction.atomic
    def update(self, request: Request, key: str) -> Response:
        account = self.locked_object(request)
        require_editable(self.member, account)
        return self.shown(self.perform_update(account, self.checked(request, account).validated_data))

    @extend_schema(
        parameters=[KEY],
        responses={200: OpenApiResponse(MessageSerializer, description="It is archived; nothing is deleted.")},
        tags=["customer management"],
    )
    def destroy(self, request: Request, key: str) -> Response:
        account = self.locked_object(request)
        require_editable(self.member, account)
        archive_account(account=account, by=self.member.user)
        return Response({"message": f"{account.name} is archived. Nothing of it was deleted."})

    @extend_schema(
        parameters=[KEY], request=None, responses=CustomerAccountDetailSerializer, tags=["customer management"]
    )
    def restore(self, request: Request, key: str) -> Response:
        """Bring an archived account back; one that is in use stays as it is."""
        account = account_by_key(self.get_queryset(), key)
        require_editable(self.member, account)
        return self.shown(restore_account(account=account, by=self.member.user))

    def perform_create(self, facts: dict[str, Any]) -> Account:
        for name in ("health_score", "health_score_reason", "health_score_expires_on"):
            facts.pop(name, None)
        if not can_assign_owners(self.member):
            self._refuse_handover(facts, owner=self.member.user, team=None)
            facts["owner"] = self.member.user
        return create_account(organization=self.organization, by=self.member.user, **facts)

    def perform_update(self, row: Account, facts: dict[str, Any]) -> Account:
        score = facts.pop("health_score", None)
        reason = facts.pop("health_score_reason", SET_BY_HAND)
        expires_on = facts.pop("health_score_expires_on", None)
        if not can_assign_owners(self.member):
            self._refuse_handover(facts, owner=row.owner, team=row.team)
        account = update_account(account=row, by=self.member.user, **facts)
        if score is not None and score != account.printed_health_score:
            set_override(
                account=account, score=Decimal(score), reason=reason, by=self.member.user, expires_on=expires_on
            )
        return account

    def locked_object(self, request: Request) -> Account:
        """As the base has it, by either form of the key."""
        held = self.get_object()
        self.organization.accounts.select_for_update(no_key=True).filter(pk=held.pk).values_list("pk").first()
        account = self.get_object()
        wanted = request.headers.get("If-Match", "")
        if wanted and wanted != "*" and etag_of(account) not in [each.strip() for each in wanted.split(",")]:
            raise StaleWrite
        return account

    def shown(self, row: Account, *, status: int = 200) -> Response:
        """The account with what the other rooms know of it."""
        account = self.get_queryset().get(pk=row.pk)
        detail = account_detail(self.organization, account, today=today(self.organization))
        context = self.get_serializer_context() | {"detail": detail}
        response = Response(CustomerAccountDetailSerializer(account, context=context).data, status=status)
        response["ETag"] = etag_of(account)
        return response

    def _refuse_handover(self, facts: dict[str, Any], **now: Any) -> None:
        """A CSM may name who looks after the account already, but nobody else."""
        for name, value in now.items():
            if name in facts and facts.pop(name) != value:
                raise PermissionDenied("Only admins and managers may change who looks after an account.")
