"""What every page's bar shows."""

from django.utils.functional import SimpleLazyObject

from labdata.common.people.notices import Notice


def unread_notices(request):
    """Count what a person has not read; it is asked for only where it is shown."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    return {
        "unread_notices": SimpleLazyObject(
            lambda: Notice.objects.visible_to(user).unread().count()
        )
    }
