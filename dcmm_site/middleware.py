from django.http import HttpResponseBadRequest
from django.utils.cache import add_never_cache_headers


class OnlyUtf8Middleware:
    """Forms come in UTF-8. Any other charset could smuggle in lone surrogates, or name a codec that is none.

    Nor may a cookie hold NUL, which its quoting allows: the key of a session goes to the database as it comes.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        charset = request.content_params.get("charset", "utf-8").strip("\"' ").lower()
        if charset not in ("utf-8", "utf8", "us-ascii") or any("\0" in value for value in request.COOKIES.values()):
            return HttpResponseBadRequest("Please send UTF-8.", content_type="text/plain")
        return self.get_response(request)


class NoStoreMiddleware:
    """What a signed-in person sees is not kept by browsers or proxies."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response
