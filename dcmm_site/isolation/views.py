"""For platform staff: earlier proofs of isolation, and the button that starts one."""

import json
import logging
import subprocess
import sys
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dcmm_site.isolation.certificate import context_of, kept_page, kept_pages
from dcmm_site.isolation.running import ROOT, folder_of, is_running
from organizations.views.staff import StaffView

logger = logging.getLogger(__name__)
STARTING = timedelta(seconds=30)  # how long a process may take until it holds the lock


class Isolation(StaffView):
    def get(self, request):
        return render(request, "isolation/list.html", _state())


class ProofState(StaffView):
    """What the list says about the proof under way; asked again and again by the page."""

    def get(self, request):
        state = _state()
        response = render(request, "isolation/state.html", state)
        if not state["running"]:
            response["HX-Refresh"] = "true"  # the list has a new page
        return response


class StartProof(StaffView):
    """One at a time, in a process of its own."""

    def post(self, request):
        if _state()["running"]:
            messages.error(request, _("A proof is under way already."))
            return redirect("isolation")
        folder = folder_of(settings.DATA_DIR)
        (folder / "started").write_text(json.dumps({"at": timezone.now().isoformat()}))
        logger.warning("Proof of isolation started by user %s", request.user.pk)
        with (folder / "said").open("w") as said:
            command = [sys.executable, "manage.py", "prove_isolation", "--gently"]
            subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
        return redirect("isolation")


class IsolationPage(StaffView):
    def get(self, request, stamp):
        page = kept_page(stamp)
        if page is None:
            raise Http404
        return render(request, "isolation/page.html", context_of(page.outcome))


def _state() -> dict:
    """The pages, whether a proof is under way, and whether the last one that was started ended without a page."""
    pages, started = kept_pages(), _started()
    unfinished = started is not None and (not pages or pages[0].begun_at < started)
    running = is_running(settings.DATA_DIR) or (unfinished and timezone.now() - started < STARTING)
    return {"pages": pages, "running": running, "failed": unfinished and not running, "started": started}


def _started() -> datetime | None:
    file = folder_of(settings.DATA_DIR) / "started"
    return datetime.fromisoformat(json.loads(file.read_text())["at"]) if file.exists() else None
