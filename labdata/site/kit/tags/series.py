"""What to do next with a batch, above the list of its samples."""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from labdata.site.kit.pages import may_write
from samples.models import Batch
from samples.services.series import planned_of

register = template.Library()


@register.inclusion_tag("samples/series/steps.html", takes_context=True)
def batch_steps(context):
    """Offer labels, files and "all done" where a list shows one batch of a project."""
    request = context["request"]
    code, project = request.GET.get("batch"), request.GET.get("project")
    if not code or not project:
        return {"batch": None}
    batch = (
        Batch.objects.visible_to(request.user)
        .select_related("project")
        .filter(project__slug=project, code=code)
        .first()
    )
    if batch is None:
        return {"batch": None}
    can_write = may_write(request.user, batch.project)
    asked = urlencode({"project": project, "batch": code})
    return {
        "request": request,
        "batch": batch,
        "can_write": can_write,
        "sample_count": batch.samples.filter(archived_at__isnull=True).count(),
        "planned": planned_of(batch).count() if can_write else 0,
        "labels": _address("site:labels", asked),
        "files": _address("site:intake-new", asked),
        "csrf_token": context.get("csrf_token"),
    }


def _address(name, query):
    try:
        return f"{reverse(name)}?{query}"
    except NoReverseMatch:
        return ""
