"""What insights answers without a login: a plan behind a secret."""

from __future__ import annotations

from django.urls import path

from insights.views.success_plan import shared_plan

urlpatterns = [path("plan/<str:token>", shared_plan, name="shared_plan")]
