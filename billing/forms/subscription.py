"""Subscriptions and renewals as forms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.models import Product
from billing.enums import Interval, RenewalStatus
from billing.models import Renewal, Subscription, SubscriptionItem
from billing.models.subscription import HOME_CURRENCY, MOST_NOTICE_DAYS, NOTICE_DAYS
from billing.services.subscription import ItemFacts
from csplatform.models import Organization
from csplatform.money import ZERO

SPARE_ROWS = 3


class DayField(forms.DateField):
    """A day, picked or typed as 2026-11-20."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), input_formats=["%Y-%m-%d"], **kwargs)


class ItemForm(forms.Form):
    """One product; an empty row says nothing."""

    product = forms.ModelChoiceField(
        Product.objects.none(), required=False, to_field_name="uuid", empty_label="No product"
    )
    quantity = forms.DecimalField(
        max_digits=14, decimal_places=4, min_value=Decimal("0.0001"), required=False, initial=1
    )
    unit_price = forms.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False, label="Price")
    discount_pct = forms.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, label="Discount %"
    )
    discount = forms.DecimalField(
        widget=forms.HiddenInput, max_digits=14, decimal_places=2, min_value=0, required=False
    )

    def __init__(self, *args: Any, organization: Organization, at: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = self.fields["product"]
        assert isinstance(products, forms.ModelChoiceField)  # noqa: S101 -- as declared above
        products.queryset = organization.products.all()
        for name, field in self.fields.items():
            label = field.label or name.replace("_", " ")
            field.widget.attrs |= {"aria-label": f"{str(label).capitalize()}, row {at}", "autocomplete": "off"}
            kind = "form-select form-select-sm" if name == "product" else "form-control form-control-sm"
            field.widget.attrs["class"] = kind
            if name not in ("product", "discount"):
                field.widget.input_type = "text"
                field.widget.attrs["inputmode"] = "decimal"

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if facts.get("product") and facts.get("unit_price") is None and "unit_price" not in self.errors:
            self.add_error("unit_price", "Say what one costs.")
        if facts.get("unit_price") is not None and not facts.get("product") and "product" not in self.errors:
            self.add_error("product", "Choose what is sold at this price.")
        return facts

    @property
    def facts(self) -> ItemFacts | None:
        said = self.cleaned_data
        if not said.get("product"):
            return None
        pct = said.get("discount_pct")
        return ItemFacts(
            product=said["product"],
            unit_price=said["unit_price"],
            quantity=said.get("quantity") or Decimal(1),
            discount=ZERO if pct else said.get("discount") or ZERO,
            discount_pct=pct,
        )


class ItemRows:
    """So many item forms under one another: those that are there, and some to fill in."""

    def __init__(self, data: Any, *, organization: Organization, items: list[SubscriptionItem] | None = None) -> None:
        filled = [_initial(item) for item in items or []]
        count = len(filled) + SPARE_ROWS
        if data is not None:
            count = min(max(count, _whole(data.get("items-count", "0"))), 100)
        initials = filled + [{}] * (count - len(filled))
        self.forms = [
            ItemForm(data, prefix=f"items-{at}", initial=initials[at], organization=organization, at=at + 1)
            for at in range(count)
        ]
        self.error = ""

    def is_valid(self) -> bool:
        valid = len([form for form in self.forms if form.is_valid()]) == self.count  # each is asked
        if valid and not self.facts:
            self.error = "Name at least one product with its price."
        return valid and bool(self.facts)

    @property
    def facts(self) -> list[ItemFacts]:
        return [facts for form in self.forms if (facts := form.facts) is not None]

    @property
    def count(self) -> int:
        return len(self.forms)


class SubscriptionForm(forms.Form):
    """A new subscription, without its items."""

    interval = forms.ChoiceField(choices=Interval.choices, initial=Interval.MONTH, help_text="Prices are for one.")
    starts_on = DayField(label="Starts on", help_text="Past days are booked then, days ahead when they come.")
    ends_on = DayField(label="Last day of the term", required=False, help_text="Empty: it runs until cancelled.")
    auto_renew = forms.BooleanField(label="Renews by itself", required=False)
    notice_days = forms.IntegerField(
        label="Notice, days", min_value=0, max_value=MOST_NOTICE_DAYS, initial=NOTICE_DAYS, required=False
    )
    currency = forms.CharField(max_length=3, min_length=3, initial=HOME_CURRENCY)
    exchange_rate = forms.DecimalField(
        label="Rupees for one",
        max_digits=14,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        required=False,
        help_text="Fixed for good; empty for INR.",
    )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_notice_days(self) -> int:
        days = self.cleaned_data["notice_days"]
        return NOTICE_DAYS if days is None else days


class ChangeForm(forms.Form):
    """From when on other items hold."""

    on = DayField(label="From this day on", help_text="What runs until then ends the day before.")


class CancelForm(forms.Form):
    on = DayField(label="First day without service", help_text="The day of its churn in the ledger.")
    reason = forms.CharField(max_length=255, required=False)


class PauseForm(forms.Form):
    on = DayField(label="First day without service")
    until = DayField(label="First day with service again", required=False, help_text="If it is known.")


class ResumeForm(forms.Form):
    on = DayField(label="First day with service again")


class RenewForm(forms.Form):
    ends_on = DayField(label="Last day of the next term", help_text="The same price is no movement of MRR.")
    reason = forms.CharField(max_length=255, required=False, label="Note")


class RenewalForm(forms.Form):
    """How a renewal stands."""

    status = forms.ChoiceField(
        choices=RenewalStatus.choices, help_text="Renewed opens the next term; closed lets it end with this one."
    )
    probability = forms.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, label="Probability, %"
    )
    outcome_reason = forms.CharField(max_length=255, required=False, label="Reason")

    def __init__(self, *args: Any, renewal: Renewal, status: str = "", **kwargs: Any) -> None:
        """`status` is the one that is about to be chosen."""
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(renewal, name) for name in self.fields}
        if status in RenewalStatus.values:
            self.initial["status"] = status


def current_items(subscription: Subscription, on: Any) -> list[SubscriptionItem]:
    """What runs on a day, as the start of a change."""
    return [item for item in subscription.items.all() if item.as_item().runs_on(on)]


def _initial(item: SubscriptionItem) -> dict[str, Any]:
    return {
        "product": item.product.uuid,
        "quantity": f"{item.quantity.normalize():f}",
        "unit_price": item.unit_price,
        "discount_pct": item.discount_pct,
        "discount": item.discount or None,
    }


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
