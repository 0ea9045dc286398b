"""What the list of saved views needs beside the views themselves."""

from django import template

from labdata.common.people.access import Project
from labdata.common.people.saved_views import kept_query

register = template.Library()


@register.simple_tag(takes_context=True)
def current_query(context):
    """Return the query of the page shown, as a view keeps it."""
    return kept_query(context["request"].GET.urlencode())


@register.simple_tag(takes_context=True)
def projects_to_share_with(context):
    """Return the projects a person may share a view with."""
    return list(Project.objects.current().writable_by(context["request"].user))


@register.filter
def of_user(views, user):
    """Keep the views that are a person's own to rename and delete."""
    return [view for view in views if view.user_id == user.pk]
