"""Demonstration data: a small fictional country with its agencies, people and first letters."""

from config.demo.country import AGENCIES
from config.demo.people import approver_code, citizen_code, clerk_code


def sign_in_hints() -> list[str]:
    """National codes of one person in each role, for the first sign-in."""
    return [
        f"Clerk      {clerk_code(0)}   {AGENCIES[0].name_en}",
        f"Approver   {approver_code(0)}   {AGENCIES[0].name_en}",
        f"Citizen    {citizen_code(2)}",
        f"Clerk      {clerk_code(3)}   {AGENCIES[3].name_en}",
    ]
