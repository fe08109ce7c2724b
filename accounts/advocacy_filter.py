"""Narrowing referrals and testimonials."""

from __future__ import annotations

from accounts.enums import ReferralStatus, TestimonialStatus
from accounts.list_filter import ListFilter, choice
from accounts.models import Referral, Testimonial


class ReferralFilter(ListFilter):
    """Days are those on which referrals were opened."""

    dated = "opened_on"

    status = choice(ReferralStatus.choices, label="Status", empty_label="Any status")

    class Meta:
        model = Referral
        fields: list[str] = []


class TestimonialFilter(ListFilter):
    """Days are those on which testimonials were written down."""

    dated = "created_at"
    is_moment = True

    status = choice(TestimonialStatus.choices, label="Status", empty_label="Any status")

    class Meta:
        model = Testimonial
        fields: list[str] = []
