"""Run inside a site's environment: one enterprise, one assessment, and so many people who answer it. Prints what was made."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from assessments.operations.lifecycle import start_assessment  # noqa: E402
from organizations.models import Role, User  # noqa: E402
from organizations.operations.membership import add_member, found_organization  # noqa: E402
from questionnaires.library import current_version  # noqa: E402

PASSWORD = "correct horse battery"


def main(people: int):
    now = timezone.now()
    owner = User.objects.create_user("owner@durable.example", PASSWORD, name="Owner")
    organization = found_organization(name="Durable", slug="durable", by=owner, at=now)
    with scope(organization=organization):
        version = current_version("gbt36073-2025")
        assessment = start_assessment(organization=organization, version=version, name="2026", target=3, by=owner, at=now)
        emails = [f"person{n}@durable.example" for n in range(people)]
        for email in emails:
            person = User.objects.create(email=email, password=owner.password)  # one hash for all: hashing is slow by design
            add_member(organization=organization, user=person, role=Role.RESPONDENT, by=owner, at=now)
    codes = list(assessment.questionnaire.item_of)
    made = {"slug": "durable", "assessment": assessment.pk, "emails": emails, "password": PASSWORD, "codes": codes}
    print(json.dumps(made))


main(int(sys.argv[1]))
