"""`/api/accounts/{key}/shared-plans`: addresses behind which a customer reads their plan."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from accounts.permissions import can_edit_account
from accounts.selectors.account_by_key import account_by_key
from csplatform.api.views import TenantAPIView
from csplatform.permissions import Action
from insights.models import SharedPlan
from insights.services.shared_plan import MOST_DAYS, USUAL_DAYS, revoke_plan, share_plan


class SharedPlanSerializer(serializers.ModelSerializer[SharedPlan]):
    id = serializers.UUIDField(source="uuid", read_only=True)

    class Meta:
        model = SharedPlan
        fields = ["id", "created_at", "expires_at", "revoked_at", "opened", "last_opened_at"]
        read_only_fields = fields


class NewSharedPlanSerializer(SharedPlanSerializer):
    url = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(SharedPlanSerializer.Meta):
        fields = [*SharedPlanSerializer.Meta.fields, "url"]
        read_only_fields = fields


class SharePlanSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(required=False, min_value=1, max_value=MOST_DAYS, default=USUAL_DAYS)


class AccountPlansView(TenantAPIView):
    """What both have in common: the account of the address, and who may share its plan."""

    write_permission = Action.EDIT_OWN_ACCOUNTS

    def account_of(self, key: str) -> Account:
        return account_by_key(self.organization.accounts.for_list(), key)

    def editable_account(self, request: Request, key: str) -> Account:
        account = self.account_of(key)
        if not can_edit_account(self.member, account):
            self.permission_denied(request, message="You may share the plans of your own accounts.")
        return account


class SharedPlanListView(AccountPlansView):
    """What was given out for an account, newest first; POST makes another address."""

    @extend_schema(responses=SharedPlanSerializer(many=True), tags=["accounts"])
    def get(self, request: Request, key: str) -> Response:
        account = self.account_of(key)
        return Response(SharedPlanSerializer(account.shared_plans.all()[:100], many=True).data)

    @extend_schema(request=SharePlanSerializer, responses={201: NewSharedPlanSerializer}, tags=["accounts"])
    def post(self, request: Request, key: str) -> Response:
        account = self.editable_account(request, key)
        body = SharePlanSerializer(data={} if request.data is None else request.data)
        body.is_valid(raise_exception=True)
        plan, token = share_plan(account=account, by=self.member.user, now=timezone.now(), **body.validated_data)
        url = request.build_absolute_uri(reverse("shared_plan", args=[token]))
        return Response({**SharedPlanSerializer(plan).data, "url": url}, status=status.HTTP_201_CREATED)


class SharedPlanView(AccountPlansView):
    """DELETE stops an address at once; it stays in the list."""

    @extend_schema(responses=SharedPlanSerializer, tags=["accounts"])
    def get(self, request: Request, key: str, plan_uuid: str) -> Response:
        account = self.account_of(key)
        return Response(SharedPlanSerializer(get_object_or_404(account.shared_plans, uuid=plan_uuid)).data)

    @extend_schema(request=None, responses={204: None}, tags=["accounts"])
    def delete(self, request: Request, key: str, plan_uuid: str) -> Response:
        account = self.editable_account(request, key)
        plan = get_object_or_404(account.shared_plans, uuid=plan_uuid)
        revoke_plan(plan=plan, by=self.member.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
