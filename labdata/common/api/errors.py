"""Errors as RFC 9457 problems: what happened, where, and what can be mended."""

import logging

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import set_rollback

logger = logging.getLogger(__name__)

TITLES = {
    400: "Something in the request needs mending",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "In conflict with what is there",
    412: "Somebody changed this meanwhile",
    413: "Too large",
    415: "Unknown kind of content",
    429: "Too many requests",
}


class Conflict(exceptions.APIException):
    """The request is fine, but what is there stands against it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class Stale(exceptions.APIException):
    """The record was changed since the caller read it."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "stale"


class TooLarge(exceptions.APIException):
    """The answer or the upload is larger than allowed."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


def problem(code, detail, errors=None, headers=None):
    """Answer with a problem; ``errors`` maps fields (or indices) to messages."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(code, "Error"),
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    response = Response(body, status=code, headers=headers)
    response.content_type = "application/problem+json"
    return response


def exception_handler(error, context):
    """Turn every error a caller can cause into a problem; let bugs through."""
    if isinstance(error, Http404 | ObjectDoesNotExist):
        error = exceptions.NotFound("There is nothing here, or nothing you may see.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge(str(error))
    elif isinstance(error, SuspiciousOperation):
        # Such as more files or fields in one form than Django takes.
        error = exceptions.ParseError(str(error))
    elif isinstance(error, DataError):
        logger.warning("value refused by the database: %s", error)
        error = exceptions.ValidationError(
            {"non_field_errors": ["A value is out of range or cannot be stored."]}
        )
    elif isinstance(error, IntegrityError):
        # Two requests met between the check and the write; the database decided.
        logger.warning("write refused by the database: %s", error)
        error = Conflict("Another request was faster: read again and retry.")
    elif isinstance(error, ValidationError):
        error = exceptions.ValidationError(as_errors(error))
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)
    if isinstance(error, exceptions.ValidationError):
        errors = error.detail
        if isinstance(errors, list):
            errors = {"non_field_errors": errors}
        return problem(400, _first_message(errors), errors, headers)
    return problem(error.status_code, str(error.detail), None, headers)


def as_errors(error):
    """Give a Django ValidationError the nesting it carries, by field."""
    nested = getattr(error, "nested", None)
    return nested if nested is not None else as_serializer_error(error)


class NestedValidationError(ValidationError):
    """A ValidationError whose fields hold rows: ``{"program": {1: {"ramp": …}}}``."""

    def __init__(self, nested):
        super().__init__(_first_message(nested))
        self.nested = nested


def _first_message(errors, path=""):
    if isinstance(errors, dict):
        for field, inner in errors.items():
            name = "" if field in ("non_field_errors", "__all__") else str(field)
            where = f"{path}.{name}".strip(".")
            return _first_message(inner, where)
    if isinstance(errors, list | tuple) and errors:
        return _first_message(errors[0], path)
    return f"{path}: {errors}" if path else str(errors)
