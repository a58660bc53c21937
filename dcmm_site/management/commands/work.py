import logging
import os
import signal
import threading
from importlib import import_module
from pkgutil import iter_modules

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from organizations.jobs import run_daily_jobs
from organizations.operations.mail import send_next_mail
from reports.operations.working import make_next_report, make_reports

logger = logging.getLogger(__name__)
PAUSE = 2  # seconds between two looks at the queue


class Command(BaseCommand):
    help = "Make reports, send the queued mail and do the daily jobs, until stopped. Any number of these may run side by side."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="do what is due now and end (for cron)")
        parser.add_argument("--with-server", action="store_true", help="end when the process that started this one ends")

    def handle(self, *args, **options):
        load_operations()
        if options["once"]:
            work_once()
            return
        parent = os.getppid() if options["with_server"] else None
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        reports = threading.Thread(target=make_reports, args=(stop,))  # beside it: a report takes seconds, mail does not wait
        reports.start()
        while not stop.is_set() and parent in (None, os.getppid()):
            try:
                send_and_tidy(stop)
            except DatabaseError:
                logger.exception("The database did not answer; trying again.")
            close_old_connections()
            stop.wait(PAUSE)
        stop.set()
        reports.join()


def work_once():
    """All that is due now: reports first, so that the mail about them leaves."""
    while make_next_report() is not None:
        pass
    send_and_tidy()


def send_and_tidy(stop: threading.Event | None = None):
    """All mail that is due, then the daily jobs; between two of them it may be asked to stop."""
    while not (stop and stop.is_set()) and send_next_mail(at=timezone.now()) is not None:
        pass
    if not (stop and stop.is_set()):
        run_daily_jobs(timezone.now())


def load_operations():
    """Import every module below ``operations/``: those that render mail or have daily jobs register themselves."""
    for app in apps.get_app_configs():
        if not app.module.__name__.startswith("django") and module_has_submodule(app.module, "operations"):
            package = import_module(f"{app.name}.operations")
            for module in iter_modules(getattr(package, "__path__", [])):
                import_module(f"{package.__name__}.{module.name}")
