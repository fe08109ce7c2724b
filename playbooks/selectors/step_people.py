"""Who does a step with an account: the person behind a role, for many accounts at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from accounts.models import Account
from csplatform.enums import Role
from csplatform.models import Membership, Organization, TeamMember, User
from playbooks.enums import OwnerRole

LEADING = (Role.MANAGER, Role.ADMIN)


class StepPeople:
    """The active members by what they do; read once, then asked for any number of steps. Two queries.

    A team's lead is its first manager, else its first admin, by name. Without one the organisation's first manager
    leads; a role that nobody has falls to the account's owner."""

    def __init__(self, organization: Organization) -> None:
        members = list(organization.memberships.active().select_related("user"))
        self._users = {member.user_id: member.user for member in members}
        self._leads = self._first(members, LEADING)
        self._finance = self._first(members, (Role.FINANCE,))
        self._teams_of: dict[int, set[int]] = defaultdict(set)
        self._lead_of_team: dict[int, User] = {}
        by_key = {member.pk: member for member in members}
        in_team: dict[int, list[int]] = defaultdict(list)
        for team, member_key in TeamMember.objects.filter(organization=organization).values_list(
            "team", "membership"
        ):
            if member_key in by_key:
                in_team[team].append(member_key)
                self._teams_of[by_key[member_key].user_id].add(team)
        for team, keys in in_team.items():
            theirs = [member for member in members if member.pk in keys]
            if lead := self._first(theirs, LEADING):
                self._lead_of_team[team] = lead

    def does(self, role: str, account: Account, *, member: User | None, in_charge: User | None) -> User | None:
        """Who has a step of this role; `in_charge` is who sees the run through where the account has no owner."""
        owner = self.active(account.owner_id) or in_charge
        match OwnerRole(role):
            case OwnerRole.MEMBER:
                return self.active(member.pk if member else None) or owner
            case OwnerRole.FINANCE:
                return self._finance or owner
            case OwnerRole.TEAM_LEAD:
                return self._lead(account) or owner
            case OwnerRole.ACCOUNT_OWNER:
                return owner

    def active(self, key: int | None) -> User | None:
        return self._users.get(key) if key is not None else None

    def _lead(self, account: Account) -> User | None:
        theirs = [account.team_id] if account.team_id else sorted(self._teams_of.get(account.owner_id or 0, ()))
        return next((self._lead_of_team[team] for team in theirs if team in self._lead_of_team), self._leads)

    @staticmethod
    def _first(members: Sequence[Membership], roles: Iterable[Role]) -> User | None:
        return next((member.user for role in roles for member in members if member.role == role), None)
