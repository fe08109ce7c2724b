"""Accounts as the customer-management contract prints and takes them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.contacts import ContactSerializer
from accounts.api.fields import AccountField, MemberField
from accounts.enums import AccountSize, AccountStatus, Segment
from accounts.models import Account
from accounts.models.account import LONGEST_TERM, MOST_SEATS
from accounts.models.tag import TAG_LENGTH
from accounts.names import NAME_LENGTH
from csplatform.api.fields import MoneyField, NullableTextField
from csplatform.models import Organization, Team
from csplatform.periods import iso_utc
from health.models.override import REASON_LENGTH

MOST_TAGS = 50
SHORT = 100


class ContractAccountSerializer(serializers.Serializer[Account]):
    """An account. What is not known is null."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    organization_id = serializers.UUIDField()
    name = serializers.CharField()
    industry = serializers.CharField(allow_null=True)
    size = serializers.ChoiceField(AccountSize.choices, allow_null=True)
    arr = MoneyField()
    status = serializers.ChoiceField(AccountStatus.choices)
    health_score = serializers.IntegerField(min_value=0, max_value=100)
    churn_risk_score = serializers.IntegerField(min_value=0, max_value=100)
    last_engagement = serializers.DateTimeField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    segment = serializers.ChoiceField(Segment.choices, allow_null=True)
    region = serializers.CharField(allow_null=True)
    lead_source = serializers.CharField(allow_null=True)
    seats = serializers.IntegerField(allow_null=True)
    owner_id = serializers.UUIDField(allow_null=True)
    owner_name = serializers.CharField(allow_null=True)
    team_id = serializers.UUIDField(allow_null=True)
    parent_id = serializers.UUIDField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    custom_fields = serializers.DictField()
    contract_start = serializers.DateField(allow_null=True)
    contract_end = serializers.DateField(allow_null=True)
    contract_term_months = serializers.IntegerField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, account: Account) -> dict[str, Any]:
        """PERFORMANCE: by hand; twenty-five rows through two dozen fields each cost more than the database."""
        moment: Any = getattr(account, "last_engagement", None)
        return {
            "id": str(account.uuid),
            "number": account.number,
            "organization_id": str(account.organization.uuid),
            "name": account.name,
            "industry": account.industry or None,
            "size": account.size or None,
            "arr": self.fields["arr"].to_representation(account.arr),
            "status": account.status,
            "health_score": account.printed_health_score,
            "churn_risk_score": account.churn_risk_score,
            "last_engagement": iso_utc(moment) if moment else None,
            "external_id": account.external_id or None,
            "segment": account.segment or None,
            "region": account.region or None,
            "lead_source": account.lead_source or None,
            "seats": account.seats,
            "owner_id": str(account.owner.uuid) if account.owner else None,
            "owner_name": account.owner.display_name if account.owner else None,
            "team_id": str(account.team.uuid) if account.team else None,
            "parent_id": str(account.parent.uuid) if account.parent else None,
            "tags": [tag.name for tag in account.tags.all()],
            "custom_fields": account.custom_fields,
            "contract_start": account.contract_start and account.contract_start.isoformat(),
            "contract_end": account.contract_end and account.contract_end.isoformat(),
            "contract_term_months": account.contract_term_months,
            "archived_at": iso_utc(account.archived_at) if account.archived_at else None,
            "created_at": iso_utc(account.created_at),
            "updated_at": iso_utc(account.updated_at),
        }


class HealthTrendSerializer(serializers.Serializer[Any]):
    """The last known score minus the first one of a window; null while fewer than two days have a score."""

    days = serializers.IntegerField()
    change = serializers.FloatField(allow_null=True)
    direction = serializers.ChoiceField(["up", "down", "flat", "unknown"])


class AccountHealthDaySerializer(serializers.Serializer[Any]):
    """The score of one day, set by hand or computed."""

    date = serializers.DateField()
    score = serializers.FloatField(allow_null=True)
    band = serializers.CharField(allow_null=True)


class TeamMemberSerializer(serializers.Serializer[Any]):
    """A colleague who looks after the account."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(["owner", "team"])


class CustomerAccountDetailSerializer(ContractAccountSerializer):
    """An account with what the other rooms know of it; the context holds `detail`."""

    metrics = serializers.DictField(allow_null=True)
    computed_health_score = serializers.FloatField(allow_null=True)
    health_override = serializers.DictField(allow_null=True)
    health_trend = HealthTrendSerializer()
    health_history = AccountHealthDaySerializer(many=True)
    recent_engagements = serializers.ListField(child=serializers.DictField())
    active_goals = serializers.ListField(child=serializers.DictField())
    team = TeamMemberSerializer(many=True)
    contacts = ContactSerializer(many=True)

    def to_representation(self, account: Account) -> dict[str, Any]:
        return super().to_representation(account) | self.context["detail"]


@extend_schema_field({"type": "string", "format": "uuid", "description": "A team's id."})
class TeamField(serializers.Field[Any, Any, Any, Any]):
    """A team of the organisation by its uuid."""

    default_error_messages = {"unknown": "There is no such team."}

    def to_internal_value(self, data: Any) -> Team:
        organization: Organization = self.context["organization"]
        try:
            team = organization.teams.filter(uuid=UUID(str(data))).first()
        except ValueError:
            team = None
        if team is None:
            self.fail("unknown")
        return team


class TagsField(serializers.ListField):
    """Free words; the list replaces the one that was there."""

    child = serializers.CharField(max_length=TAG_LENGTH)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_TAGS, **kwargs)


class AccountWriteSerializer(serializers.Serializer[Any]):
    """What may be written of an account; what a change leaves out stays."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    industry = NullableTextField(max_length=SHORT)
    size = NullableTextField(choices=AccountSize.values)
    arr = MoneyField(min_value=0)
    status = serializers.ChoiceField(AccountStatus.choices, required=False)
    external_id = NullableTextField(max_length=NAME_LENGTH)
    segment = NullableTextField(choices=Segment.values)
    region = NullableTextField(max_length=SHORT)
    lead_source = NullableTextField(max_length=SHORT)
    seats = serializers.IntegerField(min_value=0, max_value=MOST_SEATS, required=False, allow_null=True)
    owner_id = MemberField(source="owner", required=False, allow_null=True)
    team_id = TeamField(source="team", required=False, allow_null=True)
    parent_id = AccountField(source="parent", required=False, allow_null=True)
    tags = TagsField(required=False)
    custom_fields = serializers.DictField(required=False)
    contract_start = serializers.DateField(required=False, allow_null=True)
    contract_end = serializers.DateField(required=False, allow_null=True)
    contract_term_months = serializers.IntegerField(
        min_value=1, max_value=LONGEST_TERM, required=False, allow_null=True
    )
    health_score = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        help_text="In a change, another value than the printed one sets the score by hand.",
    )
    health_score_reason = serializers.CharField(max_length=REASON_LENGTH, required=False)
    health_score_expires_on = serializers.DateField(
        required=False, help_text="The last day that a score set by hand counts; two weeks without it."
    )
