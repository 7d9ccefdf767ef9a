"""What someone may be at a place: the roles in which people act, in every entry's bytes."""

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
    CHIEF_FINANCE_OFFICER = "chief finance officer"
    AUTHORITY_LEADER = "authority leader"
    ACCOUNTABILITY_PARTNER = "accountability partner"
    REGISTRAR = "registrar"
    ADMINISTRATOR = "administrator"
