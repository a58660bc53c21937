import subprocess
import sys

from tests.live import ROOT, site_environment

HEAVY = ("numpy", "pandas", "weasyprint")
SCRIPT = f"import sys, dcmm_site.wsgi, dcmm_site.urls; print([name for name in {HEAVY} if name in sys.modules])"


def test_the_web_does_not_read_what_only_reports_need(tmp_path):
    environment = site_environment(tmp_path)

    told = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
