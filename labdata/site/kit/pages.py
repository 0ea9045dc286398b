"""What every page does: find what one may see, page lists, save forms."""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect

from labdata.common.api.errors import Conflict
from labdata.common.api.pagination import PAGE_SIZE
from labdata.common.people.access import (
    WRITING_ROLES,
    Project,
    memberships_of,
    require_write,
)
from labdata.common.record.changes import describe_changes


def find(queryset, request, **lookup):
    """The row a person asks for, if they may see it; 404 otherwise."""
    return get_object_or_404(queryset.visible_to(request.user), **lookup)


def may_write(user, project):
    """Whether a person may change the records of a project."""
    mine = memberships_of(user)
    return mine.filter(project=project, role__in=WRITING_ROLES).exists()


def needs_project(view):
    """Keep a form from somebody who could save it nowhere, and say what is missing."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if Project.objects.current().writable_by(request.user).exists():
            return view(request, *args, **kwargs)
        words = "You need to be contributor or manager of a project for this."
        if request.method == "POST":
            raise PermissionDenied(words)
        messages.warning(request, f"{words} Start one, or ask a manager to add you.")
        return redirect("site:home")

    return guarded


def turn_away(request, record, address):
    """Send somebody who may only look back to the record; refuse what they send."""
    if request.method == "POST":
        require_write(request.user, record.project)
    messages.warning(request, "You may look at this project, but not change it.")
    return redirect(address)


def page_of(request, rows):
    """One page of a list, with the exact count; a page beyond the end is the last."""
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def attempt(form, act):
    """Do ``act`` if the form is sound; what a service refuses goes to its field.

    Returns
    -------
    object or None
        What ``act`` returned.
    """
    if not form.is_valid():
        return None
    try:
        return act()
    except ValidationError as error:
        form.take(error)
    except Conflict as error:
        form.add_error(None, str(error.detail))
    return None


def attempt_act(request, act, done):
    """Do something without a form, and say how it went."""
    try:
        result = act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return None
    except Conflict as error:
        messages.error(request, str(error.detail))
        return None
    if done:
        messages.success(request, done)
    return result


def overtaken(form, record):
    """What others changed since a form was opened; None if nobody did.

    The form then carries the edit its person was told of: saving again is deliberate.
    """
    read_at = str(form["version"].value() or "")
    if read_at == str(record.version):
        return None
    changes = changes_since(record, int(read_at) if read_at.isdecimal() else 0)
    form.data = form.data.copy()
    form.data["version"] = record.version
    return changes


def changes_since(record, version):
    """What others changed of a record after the edit ``version`` was read."""
    newer = list(
        record.history.order_by("-history_date", "-history_id").values_list(
            "version", flat=True
        )[:100]
    )
    count = sum(1 for one in newer if one > version)
    return readable_changes(record, limit=count) if count else []


def readable_changes(record, limit=50):
    """A record's history with the names, not the row numbers, of what it refers to."""
    told = describe_changes(record, limit=limit)
    relations = {
        field.name: field.related_model
        for field in record._meta.get_fields()
        if field.is_relation and field.concrete
    }
    wanted = {}
    for entry in told:
        for name, pair in entry["changes"].items():
            if name in relations:
                wanted.setdefault(name, set()).update(_ids(pair, relations[name]))
    names = {
        name: {
            pk: str(row)
            for pk, row in relations[name]._base_manager.in_bulk(list(ids)).items()
        }
        for name, ids in wanted.items()
    }
    for entry in told:
        entry["changes"] = [
            {
                "field": _label(record, name),
                "old": _written(old, names.get(name)),
                "new": _written(new, names.get(name)),
            }
            for name, (old, new) in entry["changes"].items()
        ]
    return told


def _label(record, name):
    try:
        # Rows a record consists of are reached by a relation, which has no such name.
        return getattr(record._meta.get_field(name), "verbose_name", name)
    except LookupError:
        return name


def _ids(pair, model):
    for value in pair:
        if isinstance(value, list):
            yield from (row[model._meta.model_name] for row in value)
        elif value is not None:
            yield int(value)


def _written(value, names):
    if value in (None, "", [], {}):
        return "—"
    if names is None:
        return _in_words(value)
    if isinstance(value, list):
        keys = [pk for row in value for key, pk in row.items() if pk in names]
        return ", ".join(names[pk] for pk in keys) or "—"
    return names.get(int(value), str(value))


def _in_words(value):
    """A stored value as people read it, leaving out what is not known."""
    if isinstance(value, list):
        return "; ".join(_in_words(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(
            f"{key.replace('_', ' ')} {_in_words(one)}"
            for key, one in value.items()
            if one is not None
        )
    return f"{value:.12g}" if isinstance(value, float) else str(value)
