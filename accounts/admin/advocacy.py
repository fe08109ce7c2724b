"""Referrals and testimonials in the administration."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import Referral, Testimonial
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(Referral)
class ReferralAdmin(ReadOnlyTenantAdmin):
    """To look at: referrals are written on the advocacy page and by the API."""

    list_display = ("referred_company", "account", "status", "potential_mrr", "opened_on", "organization")
    list_filter = ("status", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("referred_company", "account__name")


@admin.register(Testimonial)
class TestimonialAdmin(ReadOnlyTenantAdmin):
    """To look at: testimonials are written on the advocacy page and by the API."""

    list_display = ("account", "contact", "quote", "status", "has_consent", "published_on", "organization")
    list_filter = ("status", "has_consent", "organization")
    list_select_related = ("account", "contact", "organization")
    search_fields = ("quote", "account__name")
