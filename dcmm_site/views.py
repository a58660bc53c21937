from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.i18n import set_language


@method_decorator(login_not_required, name="dispatch")
class SetLanguage(View):
    """Switch the language and go back to the page; only addresses of this site are followed."""

    def post(self, request):
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
