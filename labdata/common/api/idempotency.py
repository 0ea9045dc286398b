"""``Idempotency-Key``: a POST sent twice acts once and answers alike."""

import hashlib
import json
from datetime import timedelta

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from labdata.common.api.errors import Conflict
from labdata.common.api.renderers import dumps
from labdata.common.people.access import token_limits
from labdata.common.record.idempotency import IdempotencyRecord

# A request that died without an answer gives its key free after this long.
ABANDONED_AFTER = timedelta(minutes=5)


class Replay(Exception):
    """The key was used: here is the answer it got."""

    def __init__(self, response):
        super().__init__("replayed")
        self.response = response


def body_hash(request):
    """Identify what was sent, and where to: the query, every field, every byte.

    A token limited to projects is never replayed an answer that a wider one got.
    """
    limits = token_limits(request.user)
    fields = [["address", request.get_full_path()]]
    if limits is not None:
        fields.append(["token_projects", sorted(limits)])
    data = request.data
    if hasattr(data, "lists"):
        for name, values in sorted(data.lists()):
            for value in values:
                is_file = hasattr(value, "chunks")
                said = [value.name, _content_hash(value)] if is_file else str(value)
                fields.append([name, said])
    else:
        fields.append(data)
    # Whatever JSON can say is hashed; the renderer refuses numbers beyond 64 bits.
    text = json.dumps(fields, sort_keys=True, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _content_hash(upload):
    """Instruments export other bytes under the same name and size."""
    content = hashlib.sha256()
    for chunk in upload.chunks():
        content.update(chunk)
    upload.seek(0)
    return content.hexdigest()


def begin(request):
    """Claim the key of a request, or replay the answer it already got.

    Raises
    ------
    Replay
        If the same request was answered before.
    Conflict
        If it is still being worked on.
    ValidationError
        If the key was used for something else.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key or request.method != "POST":
        return None
    if len(key) > 200:
        raise ValidationError({"Idempotency-Key": ["At most 200 characters."]})
    asked = {
        "request": f"POST {request.path}"[:200],
        "body_hash": body_hash(request),
    }
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(user=request.user, key=key, **asked)
    except IntegrityError:
        record = IdempotencyRecord.objects.get(user=request.user, key=key)
    if (record.request, record.body_hash) != (asked["request"], asked["body_hash"]):
        raise ValidationError(
            {"Idempotency-Key": ["This key was used for a different request."]}
        )
    if record.status is None:
        if record.created_at > timezone.now() - ABANDONED_AFTER:
            raise Conflict("The same request is still being worked on.")
        return record
    headers = {"Idempotent-Replay": "true"}
    if record.location:
        headers["Location"] = record.location
    raise Replay(Response(record.answer, status=record.status, headers=headers))


def finish(record, response):
    """Keep the answer; one that is our own fault frees the key for a retry."""
    if response.status_code >= 500 or response.status_code == 429:
        record.delete()
        return
    record.status = response.status_code
    record.answer = orjson_safe(response.data)
    record.location = response.get("Location", "")
    record.save(update_fields=["status", "answer", "location"])


def orjson_safe(data):
    """The answer as plain JSON values, as a database JSON column wants them."""
    return None if data is None else orjson.loads(dumps(data))
