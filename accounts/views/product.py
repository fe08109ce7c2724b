"""Settings: the catalogue of what the organisation sells."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.product import ProductForm
from accounts.models import Product
from accounts.services import product as services
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action
from csplatform.views.base import explain, page


@require_safe
@page()
def product_list(request: AuthenticatedRequest) -> HttpResponse:
    """The catalogue in its order, and what is no longer sold."""
    organization = request.organization
    products = list(organization.products.select_related("parent").with_holders(on=today(organization)))
    context = {
        "products": [product for product in products if product.is_active],
        "archived": [product for product in products if not product.is_active],
    }
    return render(request, "accounts/product_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_ACCOUNTS, write=Action.EDIT_ACCOUNTS)
def product_create(request: AuthenticatedRequest) -> HttpResponse:
    form = ProductForm(posted(request), organization=request.organization)
    if form.is_valid():
        try:
            product = services.create_product(organization=request.organization, by=request.user, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{product} is in the catalogue.")
            return redirect("accounts:product_list")
    return render(request, "accounts/product_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_ACCOUNTS, write=Action.EDIT_ACCOUNTS)
def product_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    product = _product(request, uuid)
    form = ProductForm(posted(request), organization=request.organization, product=product)
    if form.is_valid():
        try:
            services.update_product(product=product, by=request.user, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['name']} is saved.")
            return redirect("accounts:product_list")
    context = {"form": form, "product": product}
    return render(request, "accounts/product_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.EDIT_ACCOUNTS)
def product_archive(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """No longer sold; who has it keeps it, and past figures stay."""
    product = _product(request, uuid)
    services.update_product(product=product, by=request.user, is_active=False)
    messages.success(request, f"{product} is out of the catalogue. Who has it keeps it.")
    return redirect("accounts:product_list")


@require_POST
@page(write=Action.EDIT_ACCOUNTS)
def product_restore(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    product = _product(request, uuid)
    services.update_product(product=product, by=request.user, is_active=True)
    messages.success(request, f"{product} is in the catalogue again.")
    return redirect("accounts:product_list")


@require_POST
@page(write=Action.EDIT_ACCOUNTS)
def product_move(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One place up or down (`to`)."""
    services.move_product(product=_product(request, uuid), by=request.user, up=request.POST.get("to") != "down")
    return redirect("accounts:product_list")


@require_POST
@page(write=Action.EDIT_ACCOUNTS)
def product_delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Take back what was never sold."""
    product = _product(request, uuid)
    try:
        services.delete_product(product=product, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("accounts:product_edit", uuid)
    messages.success(request, f"{product} is deleted.")
    return redirect("accounts:product_list")


def _product(request: AuthenticatedRequest, uuid: UUID) -> Product:
    product: Product = get_object_or_404(request.organization.products.select_related("parent"), uuid=uuid)
    return product
