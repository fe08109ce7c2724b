"""Teams: members who look after accounts together."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from csplatform.exceptions import InvalidInput
from csplatform.models import Membership, Organization, Team, TeamMember


@transaction.atomic
def create_team(*, organization: Organization, name: str, members: Collection[Membership] = ()) -> Team:
    """Make a team, at once with its members."""
    team = Team.objects.create(organization=organization, name=_free_name(organization, name))
    return set_members(team=team, members=members)


@transaction.atomic
def rename_team(*, team: Team, name: str) -> Team:
    team.name = _free_name(team.organization, name, but=team)
    team.save(update_fields=["name", "updated_at"])
    return team


@transaction.atomic
def set_members(*, team: Team, members: Collection[Membership]) -> Team:
    """Make exactly these members the team. Members of another organisation are a programming error."""
    wanted = {member.pk: member for member in members}
    if any(member.organization_id != team.organization_id for member in members):
        raise ValueError("A team takes members of its own organisation only.")
    present = set(team.team_members.values_list("membership_id", flat=True))
    team.team_members.exclude(membership_id__in=wanted).delete()
    TeamMember.objects.bulk_create(
        TeamMember(organization_id=team.organization_id, team=team, membership=member)
        for pk, member in wanted.items()
        if pk not in present
    )
    return team


@transaction.atomic
def put_into_teams(*, membership: Membership, teams: Collection[Team]) -> None:
    """Put a member into exactly these teams."""
    wanted = {team.pk: team for team in teams}
    if any(team.organization_id != membership.organization_id for team in teams):
        raise ValueError("A member joins teams of their own organisation only.")
    present = set(membership.team_members.values_list("team_id", flat=True))
    membership.team_members.exclude(team_id__in=wanted).delete()
    TeamMember.objects.bulk_create(
        TeamMember(organization_id=membership.organization_id, team=team, membership=membership)
        for pk, team in wanted.items()
        if pk not in present
    )


def delete_team(*, team: Team) -> None:
    """Take the team away; its members stay members, and accounts just lose the team."""
    team.delete()


def _free_name(organization: Organization, name: str, but: Team | None = None) -> str:
    """Return the name without stray spaces, or refuse it: two teams never differ by upper case alone."""
    name = " ".join(name.split())
    if not name:
        sentence = "Give the team a name."
        raise InvalidInput(sentence, errors={"name": [sentence]})
    others = organization.teams.filter(name__iexact=name)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        sentence = f"There is a team called {name} already."
        raise InvalidInput(sentence, errors={"name": [sentence]})
    return name
