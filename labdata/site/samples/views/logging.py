"""Logging a sample with how it was made: anew, like the last one, or as a variation."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html

from labdata.common.people import drafts
from labdata.site.kit.acts.composition import read_composition
from labdata.site.kit.acts.starts import (
    Start,
    asked_project,
    follow_protocol,
    start_from,
    start_like_last,
)
from labdata.site.kit.acts.understood import suggestions, understood_parts
from labdata.site.kit.pages import attempt, find, needs_project
from labdata.site.samples.differences import what_differs
from labdata.site.samples.forms.logging import LogForm
from samples.models import Protocol, Sample
from samples.services.references import as_uuid

DRAFT = "sample-new"
LONGEST_TOLD = 30
ABOUT_START = ("from", "protocol", "blank", "input")


@login_required
@needs_project
def sample_new(request):
    """Log a sample; ``?from=``, ``?protocol=``, ``?input=`` say what to begin with."""
    project = asked_project(request)
    if request.method == "POST":
        original = _original(request, request.POST.get("from"))
        start = Start(source=original, is_variation=original is not None)
        form = LogForm(request.POST, user=request.user, project=project, start=start)
        row = attempt(form, form.save)
        if row is not None:
            drafts.drop(user=request.user, key=_draft_key(start))
            messages.success(request, _said(row, original))
            if "another" in request.POST:
                return redirect(f"{request.path}?project={row.project.slug}")
            return redirect(row)
        return _log_form(request, form, project, start)
    start = _start(request, project)
    if start.is_variation:
        project = start.source.project
    form = LogForm(None, user=request.user, project=project, start=start)
    return _log_form(request, form, project, start)


def _draft_key(start):
    """Variations of different samples are different forms."""
    return f"vary-{start.source.uuid}" if start.is_variation else DRAFT


def _original(request, given):
    if not given:
        return None
    return find(
        Sample.objects.select_related(
            "project",
            "composition",
            "batch",
            "control",
            "owner",
            "made_by__process__protocol",
        ).prefetch_related("tags"),
        request,
        uuid=as_uuid(given),
    )


def _start(request, project):
    original = _original(request, request.GET.get("from"))
    if original is not None:
        start = start_from(request.user, original)
    elif "blank" in request.GET:
        start = Start(sample={"project": project.slug if project else ""})
    else:
        kind = request.GET.get("kind", "")
        start = start_like_last(request.user, project, kind)
    if chosen := request.GET.get("protocol"):
        protocols = Protocol.objects.select_related("project")
        follow_protocol(start, find(protocols, request, uuid=as_uuid(chosen)))
    if inputs := request.GET.getlist("input"):
        start.rows["inputs"] = [{"code": code} for code in inputs]
    named = {k: v for k, v in request.GET.dict().items() if k not in ABOUT_START}
    start.sample |= named
    return start


def _said(row, original):
    """What was logged and, of a variation, in what it differs from the original."""
    if original is None:
        return f"{row.code} is logged."
    names = [one.label for one in what_differs(original, row)]
    compare = f"{reverse('site:samples')}compare/?id={original.uuid}&id={row.uuid}"
    return format_html(
        "{} is logged as a variation of {}: {}. "
        '<a href="{}">Compare with the original</a>',
        row.code,
        original.code,
        f"it differs in {', '.join(names)}"
        if names
        else "nothing differs but its code",
        compare,
    )


def _log_form(request, form, project, start):
    _set_focus(form)
    text = form.sample["composition"].value() or ""
    basis = form.sample["basis"].value() or ""
    context = {
        "form": form,
        "project": project,
        "start": start,
        "draft_key": _draft_key(start),
        "understood": read_composition(project, text, basis),
        "creates_materials": "create_materials" in request.POST,
        **_folded(form),
        **understood_parts(form.making),
        **suggestions(request.user, project),
    }
    return render(request, "samples/logging/log.html", context)


def _set_focus(form):
    """Begin where something is to be typed or mended."""
    for part in (form.sample, form.making):
        for name in part.fields:
            if part.is_bound and name in part.errors:
                part.fields[name].widget.attrs["autofocus"] = True
                return
    if not form.has_wrong_rows:
        name = "composition" if form.sample["code"].value() else "code"
        form.sample.fields[name].widget.attrs["autofocus"] = True


MORE = ("name", "batch", "control", "location", "tags", "notes")


def _folded(form):
    """What the folded part holds, in words, and whether it must stand open."""
    sample, making = form.sample, form.making
    names = [*MORE, *(f"extra_{key}" for key in sample.extra_names)]
    told = [
        f"{sample[name].label.lower()} {str(sample[name].value())[:LONGEST_TOLD]}"
        for name in names
        if sample[name].value()
    ]
    is_wrong = any(name in sample.errors for name in (*names, "basis"))
    return {
        "told_more": told,
        "opens_more": is_wrong or "notes" in making.errors,
    }
