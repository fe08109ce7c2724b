"""Referrals and testimonials."""

from __future__ import annotations

from datetime import date

import factory

from accounts.models import Referral, Testimonial
from tests.factories.accounts import AccountFactory


class ReferralFactory(factory.django.DjangoModelFactory[Referral]):
    class Meta:
        model = Referral

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    referred_company = factory.Sequence(lambda n: f"Prospect {n}")
    opened_on = date(2026, 11, 1)


class QuoteFactory(factory.django.DjangoModelFactory[Testimonial]):
    """A testimonial; named so that pytest does not take it for a test."""

    class Meta:
        model = Testimonial

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    quote = factory.Sequence(lambda n: f"Very good, {n} times over.")
