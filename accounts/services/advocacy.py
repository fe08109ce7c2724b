"""Writing referrals and testimonials."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.enums import ActivityKind, ReferralStatus, TestimonialStatus
from accounts.exceptions import ConsentMissing, InvalidAdvocacy
from accounts.models import Account, Contact, Referral, Testimonial
from accounts.services.activity import Happening, record_activity, revise_activity
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User
from csplatform.periods import today

COMPUTED = ["created_at", "updated_at", "organization"]


class ReferralFacts(TypedDict, total=False):
    """What may be written of a referral; what is left out stays as it is."""

    account: Account
    referred_company: str
    contact_name: str
    contact_email: str
    status: str
    potential_mrr: Decimal
    opened_on: date
    closed_on: date | None
    note: str


class TestimonialFacts(TypedDict, total=False):
    """What may be written of a testimonial; what is left out stays as it is."""

    account: Account
    contact: Contact | None
    quote: str
    note: str
    has_consent: bool
    status: str


@transaction.atomic
def create_referral(*, organization: Organization, by: User | None, **facts: Unpack[ReferralFacts]) -> Referral:
    """Write down a company that a customer named."""
    day = today(organization)
    referral = Referral(organization=organization, created_by=by, **{"opened_on": day, **facts})
    _settle_referral(referral, day=day)
    _save(referral, by=by)
    record_activity(_referral_line(referral, by=by, event="opened"))
    return referral


@transaction.atomic
def update_referral(*, referral: Referral, by: User | None, **facts: Unpack[ReferralFacts]) -> Referral:
    """Change a referral; returns it as stored. Winning or losing it is told."""
    stored: Referral = referral.organization.referrals.select_for_update(no_key=True).get(pk=referral.pk)
    before, was = _facts_of(stored), stored.status
    for field, value in facts.items():
        setattr(stored, field, value)
    _settle_referral(stored, day=today(stored.organization))
    if _facts_of(stored) == before:
        return stored
    _save(stored, by=by)
    if stored.status != was and not stored.is_open:
        revise_activity(_referral_line(stored, by=by, event="closed"))
    return stored


@transaction.atomic
def delete_referral(*, referral: Referral, by: User | None) -> None:
    """Take back what was written by mistake, its lines of the timeline too."""
    referral.organization.activities.about("referral", referral.uuid).delete()
    referral._history_user = by
    referral.delete()


@transaction.atomic
def create_testimonial(
    *, organization: Organization, by: User | None, **facts: Unpack[TestimonialFacts]
) -> Testimonial:
    """Keep a customer's words."""
    testimonial = Testimonial(organization=organization, created_by=by, **facts)
    _settle_testimonial(testimonial)
    _save(testimonial, by=by)
    revise_activity(_testimonial_line(testimonial, by=by))
    return testimonial


@transaction.atomic
def update_testimonial(
    *, testimonial: Testimonial, by: User | None, **facts: Unpack[TestimonialFacts]
) -> Testimonial:
    """Change a testimonial; returns it as stored. Without consent nothing is published, and what is published
    without it any more is taken back to approved by whoever withdraws the consent."""
    stored: Testimonial = testimonial.organization.testimonials.select_for_update(no_key=True).get(pk=testimonial.pk)
    before = _facts_of(stored)
    if facts.get("has_consent") is False and stored.status == TestimonialStatus.PUBLISHED and "status" not in facts:
        facts["status"] = TestimonialStatus.APPROVED
    if "account" in facts and "contact" not in facts and facts["account"] != stored.account:
        facts["contact"] = None
    for field, value in facts.items():
        setattr(stored, field, value)
    _settle_testimonial(stored)
    if _facts_of(stored) != before:
        _save(stored, by=by)
        revise_activity(_testimonial_line(stored, by=by))
    return stored


@transaction.atomic
def delete_testimonial(*, testimonial: Testimonial, by: User | None) -> None:
    """Take back what was written by mistake, its lines of the timeline too."""
    testimonial.organization.activities.about("testimonial", testimonial.uuid).delete()
    testimonial._history_user = by
    testimonial.delete()


def _settle_referral(referral: Referral, *, day: date) -> None:
    referral.referred_company = " ".join(referral.referred_company.split())
    if not referral.referred_company:
        raise InvalidAdvocacy("referred_company", "Name the company.")
    if referral.opened_on > day:
        raise InvalidAdvocacy("opened_on", "It must not lie ahead.")
    if referral.status in (ReferralStatus.WON, ReferralStatus.LOST):
        referral.closed_on = referral.closed_on or day
    else:
        referral.closed_on = None
    _clean(referral)


def _settle_testimonial(testimonial: Testimonial) -> None:
    testimonial.quote = testimonial.quote.strip()
    if not testimonial.quote:
        raise InvalidAdvocacy("quote", "Write down the customer's words.")
    if testimonial.contact is not None and testimonial.contact.account_id != testimonial.account_id:
        raise InvalidAdvocacy("contact_id", "This person is not a contact of the account.")
    _clean(testimonial)
    if testimonial.status == TestimonialStatus.PUBLISHED:
        if not testimonial.has_consent:
            raise ConsentMissing
        testimonial.published_on = testimonial.published_on or today(testimonial.organization)
    else:
        testimonial.published_on = None


def _clean(row: Referral | Testimonial) -> None:
    try:
        row.clean_fields(exclude=COMPUTED)
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error


def _facts_of(row: Referral | Testimonial) -> tuple[Any, ...]:
    return tuple(getattr(row, field.attname) for field in row._meta.concrete_fields)


def _save(row: Referral | Testimonial, *, by: User | None) -> None:
    row._history_user = by
    row.save()


def _referral_line(referral: Referral, *, by: User | None, event: str) -> Happening:
    what = "Referred us to" if event == "opened" else f"Referral {referral.get_status_display().lower()}:"
    return Happening(
        account=referral.account,
        kind=ActivityKind.REFERRAL,
        title=f"{what} {referral.referred_company}",
        by=by,
        is_system=by is None,
        subject=referral,
        event=event,
        details={"status": referral.status},
    )


def _testimonial_line(testimonial: Testimonial, *, by: User | None) -> Happening:
    return Happening(
        account=testimonial.account,
        kind=ActivityKind.TESTIMONIAL,
        title=f"Testimonial, {testimonial.get_status_display().lower()}",
        text=testimonial.quote,
        by=by,
        is_system=by is None,
        subject=testimonial,
        event="given",
        details={"status": testimonial.status},
    )
