"""A product of the catalogue as a form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.catalogue import CLOUD_SAC
from accounts.enums import BillingLabel
from accounts.models import Product
from accounts.models.product import STANDARD_RATE
from csplatform.models import Organization

FACTS = ("name", "icon", "billing_label", "parent", "sac", "rate")


class ProductForm(forms.Form):
    """What is said of a product; its place in the catalogue is given in the list."""

    name = forms.CharField(max_length=100)
    icon = forms.CharField(max_length=16, required=False, help_text="An emoji, shown before the name.")
    billing_label = forms.ChoiceField(
        choices=BillingLabel.choices,
        label="Billing family",
        help_text="The family that its revenue is shown in.",
    )
    sac = forms.CharField(
        max_length=8,
        label="SAC",
        initial=CLOUD_SAC,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text="The service accounting code on invoices, 4 to 8 digits.",
    )
    rate = forms.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        label="GST rate",
        initial=STANDARD_RATE,
        help_text="In percent, for new invoice lines.",
    )

    def __init__(self, *args: Any, organization: Organization, product: Product | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = organization.products.listed()
        if product is not None:
            above = above.exclude(pk=product.pk)
        self.fields["parent"] = forms.ModelChoiceField(
            queryset=above,
            required=False,
            to_field_name="uuid",
            label="Counted under",
            empty_label="A row of its own",
            help_text="The row of product adoption that it is counted in.",
            error_messages={"invalid_choice": "Choose a product from the list."},
        )
        self.order_fields(FACTS)
        if product is None:
            self.initial["parent"] = above.catch_all().first()
        else:
            self.initial = {name: getattr(product, name) for name in FACTS}
        parent = self.initial["parent"]
        self.initial["parent"] = parent.uuid if parent else None

    @property
    def facts(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in FACTS}
