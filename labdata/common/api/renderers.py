"""JSON as the API speaks it."""

import json

import orjson
from rest_framework.renderers import BaseRenderer


def dumps(data):
    """Encode with orjson: NaN becomes null, keys may be numbers."""
    try:
        return orjson.dumps(data, default=_fall_back, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        # Only what a caller sent can hold integers beyond 64 bits or lone surrogates.
        return json.dumps(data, default=_fall_back).encode()


def _fall_back(value):
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return str(value)


class JSONRenderer(BaseRenderer):
    """Renders answers, and errors as ``application/problem+json``."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else dumps(data)
