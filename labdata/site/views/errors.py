"""Error pages: what happened, what is safe, what to do."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from labdata.common.uploads import limit_in_words


def bad_request(request, exception=None):
    if isinstance(exception, RequestDataTooBig):
        context = {"detail": str(exception) or limit_in_words()}
        return render(request, "413.html", context, status=413)
    return render(request, "400.html", status=400)


def permission_denied(request, exception=None):
    return render(request, "403.html", {"detail": str(exception or "")}, status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """Rendered without the request: what broke may be what it carries."""
    return HttpResponse(render_to_string("500.html"), status=500)


def forbidden_form(request, reason=""):
    """A form without a valid token: usually an old tab after signing in anew."""
    return render(request, "403_csrf.html", status=403)


def locked_out(request, credentials, *args, **kwargs):
    """Too many failed attempts to sign in."""
    return render(request, "429.html", status=429)
