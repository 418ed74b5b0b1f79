"""Loading the demonstration's agencies, staff, citizens and companies."""

from dataclasses import dataclass
from datetime import datetime

from config.demo.country import AGENCIES, COMPANIES, full_name, synthetic_code, synthetic_company
from correspondence.directory.models import Agency, Company, Person, RegisteredPerson, Representative, Role
from signing.services import PLATFORM, ensure_key

CITIZENS = 40
FIRST_CITIZEN = 1
FIRST_STAFF = 500


@dataclass(frozen=True)
class Staff:
    """Who writes and who signs for an agency in the demonstration."""

    agency: Agency
    clerk: Person
    approver: Person


def clerk_code(position: int) -> str:
    """National code of the clerk of the nth agency."""
    return synthetic_code(FIRST_STAFF + 2 * position)


def approver_code(position: int) -> str:
    """National code of the approver of the nth agency."""
    return synthetic_code(FIRST_STAFF + 2 * position + 1)


def citizen_code(position: int) -> str:
    """National code of the nth citizen, from 0."""
    return synthetic_code(FIRST_CITIZEN + position)


def load_people(at: datetime) -> list[Staff]:
    """Fill the register and the directory, and make the development keys. Runs inside the caller's transaction."""
    ensure_key(PLATFORM, name="سامانهٔ کارپوشه")
    ensure_key("log", name="دفتر گواه کارپوشه")
    RegisteredPerson.objects.bulk_create(
        RegisteredPerson(national_code=citizen_code(n), full_name=full_name(n), mobile=f"+98999{n:07d}")
        for n in range(CITIZENS)
    )
    # One citizen has no mobile in the register, so that the page that says what to do then can be seen.
    RegisteredPerson.objects.filter(national_code=citizen_code(CITIZENS - 1)).update(mobile="")
    staff = [_load_agency(position, at) for position in range(len(AGENCIES))]
    for position, name in enumerate(COMPANIES):
        company = Company.objects.create(national_id=synthetic_company(100 + position), name=name)
        reader = _person(citizen_code(position), full_name(position))
        Representative.objects.create(person=reader, company=company, title="نمایندهٔ قانونی")
    return staff


def _load_agency(position: int, at: datetime) -> Staff:
    demo = AGENCIES[position]
    agency = Agency.objects.create(
        national_id=synthetic_company(1 + position),
        code=demo.code,
        name=demo.name,
        name_en=demo.name_en,
        parent=demo.parent,
        unit=demo.unit,
        address="سپیدرود، خیابان آبان، شمارهٔ ۱۲",
        sector=demo.sector,
        number_pattern="{year}/{code}/{index}",
    )
    ensure_key(f"seal:{agency.national_id}", name=agency.name)
    clerk = _staff(clerk_code(position), full_name(100 + 2 * position))
    approver = _staff(approver_code(position), full_name(101 + 2 * position))
    Role.objects.create(person=clerk, agency=agency, right=Role.Right.CLERK, title="کارشناس دبیرخانه", valid_from=at)
    Role.objects.create(
        person=approver, agency=agency, right=Role.Right.APPROVER, title=f"مدیر {demo.unit}", valid_from=at
    )
    Role.objects.create(
        person=approver, agency=agency, right=Role.Right.ADMINISTRATOR, title="مدیر سامانه", valid_from=at
    )
    ensure_key(f"person:{approver.id}", name=approver.full_name, organisation=agency.name, title=f"مدیر {demo.unit}")
    return Staff(agency, clerk, approver)


def _staff(code: str, name: str) -> Person:
    RegisteredPerson.objects.create(national_code=code, full_name=name, mobile=f"+98998{code[3:]}")
    return _person(code, name)


def _person(code: str, name: str) -> Person:
    person, _ = Person.objects.get_or_create(national_code=code, defaults={"full_name": name})
    return person
