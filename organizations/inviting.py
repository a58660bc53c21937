"""A list of people to invite: lines of text to a plan that says for each line what will happen, before anything does."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import override

from organizations.models import Department, Organization, Role
from organizations.queries import departments_of, invited_addresses, member_addresses
from organizations.text import printable

MAX_ROWS = 500
MAX_LINE = 1_000
MAX_NAME = 80
COLUMNS = {
    "email": {"e-mail", "email", "mail", "邮箱", "电子邮箱", "电子邮件", "邮件"},
    "name": {"name", "姓名", "名字"},
    "role": {"role", "角色"},
    "department": {"department", "部门"},
}
ORDER = ("email", "name", "role", "department")
NAMED = re.compile(r"^(?P<name>[^<>]*)<(?P<email>[^<>]+)>$")  # as mail programs write it


class Outcome(StrEnum):
    READY = "ready"
    MEMBER = "member"
    INVITED = "invited"
    FAULT = "fault"


@dataclass(frozen=True)
class Defaults:
    """What holds for a line that does not say it."""

    role: str
    department: Department | None = None


@dataclass(frozen=True)
class Entry:
    """One line of the list; ``reason`` says what is wrong with a faulty one."""

    number: int
    email: str
    name: str = ""
    role: str = ""
    department: Department | None = None
    outcome: Outcome = Outcome.READY
    reason: str = ""

    def get_role_display(self) -> str:
        return str(Role(self.role).label) if self.role in Role.values else self.role


@dataclass(frozen=True)
class Surroundings:
    """What the list is held against: who is there, who is invited, which departments and roles may be given."""

    members: Collection[str]
    invited: Collection[str]
    departments: Collection[Department]
    roles: Collection[str]


@dataclass
class Plan:
    entries: list[Entry] = field(default_factory=list)

    def of(self, outcome: Outcome) -> list[Entry]:
        return [entry for entry in self.entries if entry.outcome == outcome]

    @property
    def ready(self) -> list[Entry]:
        return self.of(Outcome.READY)

    @property
    def faults(self) -> list[Entry]:
        return self.of(Outcome.FAULT)

    @property
    def may_be_sent(self) -> bool:
        return bool(self.ready) and not self.faults


class Faulty(Exception):
    """A line can't be taken; says why."""


def surroundings_of(organization: Organization, roles: Collection[str], at: datetime) -> Surroundings:
    return Surroundings(
        member_addresses(organization), invited_addresses(organization, at), departments_of(organization), roles
    )


def address_of(email: str) -> str:
    """An address as it is kept and compared."""
    return unicodedata.normalize("NFC", email).strip().casefold()


def text_of(table: Iterable[tuple[int, list[str]]]) -> str:
    """The rows of a file as the lines that a person might have typed, each on the line of its row."""
    lines: list[str] = []
    for number, cells in table:
        lines.extend([""] * (number - len(lines) - 1))
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(cells)
        lines.append(line.getvalue())
    return "\n".join(lines)


def plan_invitations(text: str, defaults: Defaults, around: Surroundings) -> Plan:
    """What will happen to every line that is not blank. Lists of more than 500 lines: see ``line_count``."""
    columns, plan, seen = ORDER, Plan(), {}
    for number, line in _lines(text):
        cells = _cells(line)
        if not plan.entries and (named := _heading(cells)):
            columns = named
            continue
        entry = _entry(number, cells, columns, defaults, around, seen)
        seen.setdefault(entry.email, number)
        plan.entries.append(entry)
    return plan


def line_count(text: str) -> int:
    return sum(1 for _line in _lines(text))


def _lines(text: str):
    return ((number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip())


def _cells(line: str) -> list[str]:
    """Cells parted by tabs, commas or semicolons, whichever comes first in that order; Chinese ones too."""
    line = unicodedata.normalize("NFC", line)[: MAX_LINE + 1]
    if "\t" not in line:
        line = line.replace("，", ",").replace("；", ";")
    delimiter = next((mark for mark in "\t,;" if mark in line), ",")
    cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    return [" ".join(cell.split()) for cell in cells]


def _heading(cells: list[str]) -> tuple[str, ...] | None:
    """The columns by name if this line is a heading, i.e. names the column of addresses."""
    names = [next((name for name, words in COLUMNS.items() if cell.casefold() in words), "") for cell in cells]
    return tuple(names) if "email" in names else None


def _entry(number, cells, columns, defaults: Defaults, around: Surroundings, seen: dict[str, int]) -> Entry:
    values = dict(zip(columns, cells, strict=False))
    typed = values.get("email", "")
    try:
        if any(cells[len(columns) :]) or values.get(""):
            raise Faulty(_("More columns than e-mail, name, role, department."))
        email, name = _email_and_name(typed, values.get("name", ""))
        role = _role(values.get("role", ""), defaults, around)
        department = _department(values.get("department", ""), defaults, around)
        if email in seen:
            raise Faulty(_("This address stands in line %(line)d already.") % {"line": seen[email]})
    except Faulty as fault:
        return Entry(number, typed[:254], values.get("name", "")[:MAX_NAME], outcome=Outcome.FAULT, reason=str(fault))
    return Entry(number, email, name, role, department, outcome=_outcome(email, around))


def _outcome(email: str, around: Surroundings) -> Outcome:
    if email in around.members:
        return Outcome.MEMBER
    return Outcome.INVITED if email in around.invited else Outcome.READY


def _email_and_name(typed: str, name: str) -> tuple[str, str]:
    if named := NAMED.match(typed):
        typed, name = named["email"], name or named["name"].strip(" \"'")
    email = address_of(typed)
    try:
        validate_email(email)
    except ValidationError as error:
        raise Faulty(_("This is no e-mail address.")) from error
    if len(email) > 254:
        raise Faulty(_("This is no e-mail address."))
    if "@" in name:
        raise Faulty(_("One person per line: a second address stands where the name should."))
    _check_name(name)
    return email, name


def _check_name(name: str):
    if len(name) > MAX_NAME:
        raise Faulty(_("The name has more than %(most)d characters.") % {"most": MAX_NAME})
    try:
        if name:
            printable(name)
    except ValidationError as error:
        raise Faulty(error.messages[0]) from error


def _role(word: str, defaults: Defaults, around: Surroundings) -> str:
    role = _role_words().get(word.casefold()) if word else defaults.role
    if role is None:
        offered = ", ".join(str(Role(value).label) for value in around.roles)
        raise Faulty(_("This is no role; choose from: %(roles)s.") % {"roles": offered})
    if role not in around.roles:
        raise Faulty(_("Only an owner may invite to this role."))
    return role


@cache
def _role_words() -> dict[str, str]:
    """Every word for a role, in both languages."""
    words = {role.value: role.value for role in Role}
    for language in ("zh-hans", "en"):
        with override(language):
            words |= {str(role.label).casefold(): role.value for role in Role}
    return words


def _department(word: str, defaults: Defaults, around: Surroundings) -> Department | None:
    if not word:
        return defaults.department
    found = next((row for row in around.departments if row.name.casefold() == word.casefold()), None)
    if found is None:
        raise Faulty(_("There is no department of this name; add it first, or correct the name."))
    return found
