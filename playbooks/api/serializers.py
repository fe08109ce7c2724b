"""Playbooks and recommendations as the success-insights contract prints them."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from rest_framework import serializers

from accounts.converters import UUID
from playbooks.enums import Category, Priority
from playbooks.models import Playbook, Step
from playbooks.selectors.recommendations import Recommendation

MOST_FACTORS_ASKED = 100
ACCOUNT_KEY = rf"^(?:[0-9]+|{UUID})$"
ACCOUNT_KEY_TEXT = "takes an account's number or its uuid."


class PlaybookSerializer(serializers.ModelSerializer[Playbook]):
    """A playbook; its `id` is the organisation's number for it."""

    id = serializers.IntegerField(source="number", read_only=True)
    category = serializers.ChoiceField(choices=Category.choices)
    priority = serializers.ChoiceField(choices=Priority.choices)
    risk_factors: serializers.ListField = serializers.ListField(child=serializers.CharField())
    steps: serializers.SlugRelatedField[Step] = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="text"
    )
    created_at = serializers.DateTimeField(default_timezone=UTC, read_only=True)

    class Meta:
        model = Playbook
        fields = [
            "id",
            "uuid",
            "title",
            "description",
            "category",
            "priority",
            "estimated_effort",
            "risk_factors",
            "steps",
            "created_at",
        ]


class RecommendationSerializer(serializers.Serializer[Recommendation]):
    """One playbook, how well it fits (0-1), and which of its factors apply."""

    playbook = PlaybookSerializer()
    relevance_score = serializers.FloatField(source="relevance", min_value=0, max_value=1)
    matching_risk_factors: serializers.ListField = serializers.ListField(
        source="factors", child=serializers.CharField()
    )


class RecommendationsSerializer(serializers.Serializer[Any]):
    """The answer to a request for recommendations."""

    account_id = serializers.IntegerField(allow_null=True)
    recommendations = RecommendationSerializer(many=True)


class RecommendQuerySerializer(serializers.Serializer[Any]):
    """Whose risks are asked about."""

    account_id = serializers.RegexField(
        ACCOUNT_KEY,
        required=False,
        help_text="The account's number or uuid.",
        error_messages={"invalid": ACCOUNT_KEY_TEXT},
    )


class RecommendBodySerializer(serializers.Serializer[Any]):
    """Risk factors by name, for a question without an account. Unknown names match nothing."""

    risk_factors: serializers.ListField = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, allow_null=True, max_length=MOST_FACTORS_ASKED
    )
