"""What browsers keep of forms that are not saved yet."""

import json

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from labdata.common.people import drafts
from labdata.common.people.drafts import Draft


@login_required
@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def draft(request, key):
    """Give back, keep or forget what one form of this person held."""
    if request.method == "DELETE":
        drafts.drop(user=request.user, key=key)
        return JsonResponse({"draft": None})
    if request.method == "POST":
        try:
            kept = drafts.save_draft(
                user=request.user, key=key, data=json.loads(request.body)
            )
        except (ValueError, RecursionError):
            return JsonResponse({"errors": ["This is no JSON."]}, status=400)
        except ValidationError as error:
            return JsonResponse({"errors": error.messages}, status=400)
        return JsonResponse({"draft": None, "updated_at": kept.updated_at}, status=200)
    kept = Draft.objects.visible_to(request.user).filter(key=key).first()
    if kept is None:
        return JsonResponse({"draft": None})
    return JsonResponse({"draft": kept.data, "updated_at": kept.updated_at})
