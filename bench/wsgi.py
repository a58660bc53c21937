"""The site with the empty view beside it, for gunicorn."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
settings.ROOT_URLCONF = "bench.urls"
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - the settings come first

application = get_wsgi_application()
