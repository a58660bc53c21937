"""Run inside a site's environment: the part of ``manage.py work`` that makes reports, so that the mail stays to be counted.

With a number: leases of so many seconds instead of the product's, for a run that must be short.
"""

import os
import sys
import threading
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from reports.operations import queueing, working  # noqa: E402

if sys.argv[1:]:
    queueing.LEASE = timedelta(seconds=float(sys.argv[1]))
    queueing.PAUSE = timedelta(seconds=0.2)
    working.BEAT = float(sys.argv[1]) / 4
working.make_reports(threading.Event())
