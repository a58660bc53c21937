from importlib import import_module

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "organizations"

    def ready(self):
        import_module("organizations.receivers")  # connects what follows signing in and a change of factor; needs the models
