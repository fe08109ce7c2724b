"""Teams: list, create, change, delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.forms.team import TeamForm
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.services import team as teams
from csplatform.views.base import page


@require_safe
@page()
def team_list(request: AuthenticatedRequest) -> HttpResponse:
    """Every team with how many active members it has."""
    active = Q(members__is_active=True, members__user__is_active=True)
    rows = request.organization.teams.annotate(active_members=Count("members", filter=active))
    return render(request, "csplatform/team_list.html", {"teams": rows.order_by("name", "pk")})


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_MEMBERS, write=Action.MANAGE_MEMBERS)
def team_create(request: AuthenticatedRequest) -> HttpResponse:
    form = TeamForm(posted(request), organization=request.organization)
    if form.is_valid():
        try:
            team = teams.create_team(organization=request.organization, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The team {team} is there.")
            return redirect("csplatform:team_list")
    return render(request, "csplatform/team_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.MANAGE_MEMBERS, write=Action.MANAGE_MEMBERS)
def team_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A team's name and members."""
    team = get_object_or_404(request.organization.teams, uuid=uuid)
    form = TeamForm(posted(request), organization=request.organization, team=team)
    if form.is_valid():
        try:
            teams.rename_team(team=team, name=form.cleaned_data["name"])
            teams.set_members(team=team, members=form.cleaned_data["members"])
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The team {team} is saved.")
            return redirect("csplatform:team_list")
    context = {"form": form, "team": team}
    return render(request, "csplatform/team_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.MANAGE_MEMBERS)
def team_delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Delete a team; its members and accounts stay."""
    team = get_object_or_404(request.organization.teams, uuid=uuid)
    name = team.name
    teams.delete_team(team=team)
    messages.success(request, f"The team {name} is gone. Its members and accounts are untouched.")
    return redirect("csplatform:team_list")
