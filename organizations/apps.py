from importlib import import_module

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class OrganizationsConfig(AppConfig):
    name = "organizations"

    def ready(self):
        import_module("organizations.receivers")  # connects what follows signing in and a change of factor; needs the models
        import_module("organizations.trail_receivers")
        import_module("organizations.checks")
        pre_migrate.connect(loosen_rows, sender=self)
        post_migrate.connect(secure_rows, sender=self)


def loosen_rows(using, plan, **kwargs):
    """Only where there is something to migrate."""
    if plan:
        import_module("organizations.row_security").loosen(connections[using])


def secure_rows(using, **kwargs):
    """Row-level security follows the models, whatever migrations there were."""
    import_module("organizations.row_security").secure(connections[using])
