"""`POST /api/accounts/bulk`: one thing done to many accounts, as a job."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters import AccountFilter
from accounts.querysets import AccountQuerySet
from accounts.services.bulk import JOB_KIND, preview_bulk, submit_bulk
from csplatform.api.serializers import JobSerializer
from csplatform.api.views import TenantAPIView
from csplatform.exceptions import InvalidInput
from csplatform.idempotency import HEADER, MAX_LENGTH, body_hash
from csplatform.lists.queries import normal_query
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions

MOST_IDS = 50_000


class BulkSerializer(serializers.Serializer[Any]):
    """Which accounts, and what to do with them."""

    ids: Any = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=MOST_IDS,
        help_text="uuids or numbers of accounts.",
    )
    query = serializers.CharField(
        required=False, allow_blank=True, max_length=2_000, help_text="The account list's filters, as in its address."
    )
    action = serializers.CharField(max_length=40)
    value: Any = serializers.JSONField(
        required=False,
        default=None,
        allow_null=True,
        help_text="A member's id, a tag, a status, or nothing: by the action.",
    )
    dry_run = serializers.BooleanField(required=False, default=False)

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in facts) == ("query" in facts):
            raise ValidationError({"ids": ["Send either ids or a query."]})
        return facts


@own_transactions
class AccountBulkView(TenantAPIView):
    """Assign an owner, add or remove a tag, set a status, archive or restore, for many accounts."""

    write_permission = Action.EDIT_OWN_ACCOUNTS

    @extend_schema(
        request=BulkSerializer,
        parameters=[
            OpenApiParameter(HEADER, str, OpenApiParameter.HEADER),
            OpenApiParameter("Prefer", str, OpenApiParameter.HEADER, description="`respond-async` answers 202."),
        ],
        responses={
            200: OpenApiResponse(JobSerializer, description="Done; or, with `dry_run`, what would be done."),
            202: OpenApiResponse(JobSerializer, description="Under way; follow `Location`."),
        },
        tags=["accounts"],
    )
    def post(self, request: Request) -> Response:
        body = BulkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        facts = body.validated_data
        key = request.headers.get(HEADER, "")
        if len(key) > MAX_LENGTH:
            raise InvalidInput(f"{HEADER} takes at most {MAX_LENGTH} characters.")
        with organization_scope(self.organization, write=False):
            accounts = self._chosen(facts)
            if facts["dry_run"]:
                return Response(self._preview(facts, accounts))
        change = submit_bulk(
            member=self.member,
            action=facts["action"],
            value=facts["value"],
            accounts=accounts,
            query=normal_query(facts.get("query", "")),
            key=key,
            fingerprint=body_hash(self.http_request) if key else "",
            respond_async="respond-async" in request.headers.get("Prefer", ""),
        )
        done = change.job.is_finished
        response = Response(JobSerializer(change.job).data, status=200 if done else 202)
        response["Location"] = reverse("api_job", args=[change.job.uuid])
        return response

    def _chosen(self, facts: dict[str, Any]) -> AccountQuerySet:
        if "query" in facts:
            chosen = AccountFilter(QueryDict(facts["query"].removeprefix("?")), member=self.member)
            if not chosen.form.is_valid():
                told = "; ".join(
                    f"{name}: {' '.join(map(str, errors))}" for name, errors in chosen.form.errors.items()
                )
                raise ValidationError({"query": [told]})
            return chosen.qs
        accounts: AccountQuerySet = self.organization.accounts.all()
        keys = list(dict.fromkeys(facts["ids"]))
        found = accounts.with_keys(keys)
        unknown = [key for key in keys if key not in found]
        if unknown:
            raise ValidationError({"ids": [f"There is no account “{unknown[0]}”."]})
        return accounts.filter(pk__in=found.values())

    def _preview(self, facts: dict[str, Any], accounts: AccountQuerySet) -> dict[str, Any]:
        """As the job would answer, without one."""
        preview = preview_bulk(member=self.member, action=facts["action"], value=facts["value"], accounts=accounts)
        return {
            "id": None,
            "kind": JOB_KIND,
            "status": "succeeded",
            "done": preview.matched,
            "total": preview.matched,
            "message": preview.sentence,
            "result": {
                "dry_run": True,
                "matched": preview.matched,
                "changed": preview.will_change,
                "unchanged": preview.unchanged,
                "not_yours": preview.not_yours,
            },
            "error": "",
            "created_at": None,
            "started_at": None,
            "finished_at": None,
        }
