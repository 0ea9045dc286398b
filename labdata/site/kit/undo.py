"""One step back after a verdict: what was just said is remembered for the next page."""

from analysis.models import Decision

KEY = "undo_decisions"
MOST = 1000


def offer_undo(request, decisions, words, back=""):
    """Let the next page offer to take these decisions back, and return to ``back``."""
    if decisions and len(decisions) <= MOST:
        ids = [str(one.uuid) for one in decisions]
        request.session[KEY] = {"ids": ids, "words": words, "back": back}


def take_undo(request):
    """What the page offers to take back, once; None where nothing was said."""
    return request.session.pop(KEY, None)


def decisions_to_undo(user, ids):
    """The decisions named by public id that are this person's own."""
    visible = Decision.objects.visible_to(user).filter(run__isnull=False, user=user)
    return visible.filter(uuid__in=ids).select_related("project", "run__project")
