"""Error pages: what happened, what is safe, what to do."""

import re

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from labdata.common.api.errors import TITLES
from labdata.common.api.parsers import told_by_form
from labdata.common.api.renderers import dumps
from labdata.common.text.storable import explain, half_characters
from labdata.common.work.uploads import limit_in_words

# A part of an address that a person may have meant as the code of a sample.
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{2,60}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def bad_request(request, exception=None):
    if isinstance(exception, RequestDataTooBig):
        detail = str(exception) or limit_in_words()
        return _answer(request, 413, detail, detail=detail)
    return _answer(request, 400, "The request cannot be understood.")


def permission_denied(request, exception=None):
    detail = str(exception or "")
    return _answer(request, 403, detail or "Not allowed.", detail=detail)


def not_found(request, exception=None):
    return _answer(
        request, 404, "There is nothing at this address.", meant=_code_in(request.path)
    )


def server_error(request):
    """Rendered without the request: what broke may be what it carries."""
    if getattr(request, "path", "").startswith("/api/"):
        return _problem(500, "Something broke; the error is written down.")
    return HttpResponse(render_to_string("500.html"), status=500)


def forbidden_form(request, reason=""):
    """A form without a valid token: usually an old tab after signing in anew."""
    if request.path.startswith("/api/"):
        return _problem(403, "The CSRF token is missing or wrong.")
    return render(request, "403_csrf.html", status=403)


def locked_out(request, credentials, *args, **kwargs):
    """Too many failed attempts to sign in."""
    return render(request, "429.html", status=429)


class WholeTextOnly:
    """Refuses queries and forms with halves of characters, before anything reads them.

    UTF-8 cannot spell such a half; other encodings that a request may declare can. The
    bodies of the API are refused where they are read, with JSON among them.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info:
            # PostgreSQL is asked for no text that it cannot hold.
            return not_found(request)
        if request.encoding is None:
            return self.get_response(request)
        parts = [request.GET]
        if not request.path.startswith("/api/"):
            parts += [request.POST, request.FILES]
        for place, half in half_characters(told_by_form(*parts)).items():
            words = f"{place[0]}: {explain(half)}"
            errors = {place[0]: [explain(half)]}
            return _answer(request, 400, words, errors, detail=words)
        return self.get_response(request)


class ActsOnly:
    """Explains an address that takes acts and was looked at, which Django leaves empty.

    It happens to people: an act sends somebody whose session ended to sign in, and the
    way back is a look at the address of the act.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or request.path.startswith("/api/"):
            return response
        if response.streaming or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


def _code_in(path):
    parts = [part for part in path.split("/") if not _UUID.fullmatch(part)]
    return next((part for part in reversed(parts) if _CODE.fullmatch(part)), "")


def _answer(request, code, words, errors=None, **context):
    """The page of an error, or for programs a problem."""
    if request.path.startswith("/api/"):
        return _problem(code, words, errors)
    return render(request, f"{code}.html", context, status=code)


def _problem(code, detail, errors=None):
    title = TITLES.get(code, "Something broke on our side")
    body = {"type": "about:blank", "title": title, "detail": detail}
    if errors:
        body["errors"] = errors
    return HttpResponse(
        dumps(body), status=code, content_type="application/problem+json"
    )
