"""The playbook library and recommendations, as the success-insights contract has them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.selectors.account_by_key import account_by_key
from csplatform.api.query import read_query
from csplatform.api.views import TenantAPIView
from csplatform.periods import today
from csplatform.permissions import Action
from playbooks.api.serializers import (
    PlaybookSerializer,
    RecommendationsSerializer,
    RecommendBodySerializer,
    RecommendQuerySerializer,
)
from playbooks.selectors.recommendations import recommendations_for_account, recommendations_for_factors


class PlaybookLibraryView(TenantAPIView):
    """The ten built-in playbooks, a bare list by number."""

    @extend_schema(responses=PlaybookSerializer(many=True), tags=["success insights"])
    def get(self, request: Request) -> Response:
        playbooks = self.organization.playbooks.builtin().with_steps()
        return Response(PlaybookSerializer(playbooks, many=True).data)


class RecommendView(TenantAPIView):
    """The built-in playbooks that answer an account's open risks, or risks given by name; at most five.

    It changes nothing, so viewers and read-only keys may ask. With both an account and names the account counts;
    with neither the list is empty.
    """

    write_permission = Action.READ

    @extend_schema(
        parameters=[RecommendQuerySerializer],
        request=RecommendBodySerializer,
        responses=RecommendationsSerializer,
        tags=["success insights"],
    )
    def post(self, request: Request) -> Response:
        key = read_query(request, RecommendQuerySerializer).get("account_id")
        if key is None:
            return _answer(None, recommendations_for_factors(self.organization, _factors(request.data)))
        account = account_by_key(self.organization.accounts.all(), key)
        found = recommendations_for_account(self.organization, account, today=today(self.organization))
        return _answer(account.number, found)


def _factors(data: Any) -> list[str]:
    """The names in the body: under their key, or as a bare list."""
    body = RecommendBodySerializer(data={"risk_factors": data} if isinstance(data, list) else data)
    body.is_valid(raise_exception=True)
    return body.validated_data.get("risk_factors") or []


def _answer(account_id: int | None, found: list[Any]) -> Response:
    answer = {"account_id": account_id, "recommendations": found}
    return Response(RecommendationsSerializer(answer).data)
