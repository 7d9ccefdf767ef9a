"""What someone may be at a place: the roles in which people act, in every entry's bytes.

A registrar of the authority appoints to every role and ends it, for a time or until further notice; the first registrar comes
with the authority's constitution. Nobody grants themselves anything, so a registrar is appointed and ended by another one.
Whoever administers the machine has no say over money: beside that role they may be a resident and nothing else.
"""

from enum import StrEnum


class Role(StrEnum):
    """What someone may be at a place. A role's title is configuration; these are its meanings."""

    RESIDENT = "resident"
    PANEL_MEMBER = "panel member"
    CHAIR = "chair"
    CONNECTOR = "community connector"
    PROJECT_LEAD = "project lead"
    PARTNER_ORGANISATION = "partner organisation"
    FINANCE_OFFICER = "finance officer"
    APPROVER = "approver"
    CHIEF_FINANCE_OFFICER = "chief finance officer"
    AUTHORITY_LEADER = "authority leader"
    ACCOUNTABILITY_PARTNER = "accountability partner"
    REGISTRAR = "registrar"
    KEYHOLDER = "keyholder"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"


# Held at one place, where people know who they are; and held for the whole authority. The others may be either.
AT_ONE_PLACE = frozenset({Role.RESIDENT, Role.PANEL_MEMBER, Role.CHAIR, Role.CONNECTOR, Role.PROJECT_LEAD})
FOR_THE_WHOLE = frozenset(
    {
        Role.CHIEF_FINANCE_OFFICER,
        Role.AUTHORITY_LEADER,
        Role.ACCOUNTABILITY_PARTNER,
        Role.REGISTRAR,
        Role.KEYHOLDER,
        Role.ADMINISTRATOR,
    }
)

# What somebody may be beside administering the machine.
BESIDE_THE_MACHINE = frozenset({Role.ADMINISTRATOR, Role.RESIDENT})
