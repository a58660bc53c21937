from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.i18n import set_language

from organizations.operations.profile import choose_language


@method_decorator(login_not_required, name="dispatch")
class SetLanguage(View):
    """Switch the language, for good if signed in, and go back to the page; only addresses of this site are followed."""

    def post(self, request):
        language = request.POST.get("language")
        if request.user.is_authenticated and language in dict(settings.LANGUAGES):
            choose_language(user=request.user, language=language, by=request.user, at=timezone.now())
        return set_language(request)


@method_decorator(login_not_required, name="dispatch")
class Health(View):
    """For load balancers: the site and its database answer."""

    def get(self, request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return HttpResponse("ok", content_type="text/plain")


@login_not_required
def not_found(request, exception):
    return render(request, "404.html", status=404)
