"""Taking pieces of a sample, and merging several into one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html

from labdata.site.kit.acts.composition import read_composition
from labdata.site.kit.acts.starts import Start, proposed_code
from labdata.site.kit.acts.understood import read_time, suggestions, understood_parts
from labdata.site.kit.pages import attempt, find, may_write, turn_away
from labdata.site.samples.forms.logging import LogForm
from labdata.site.samples.forms.pieces import SplitForm
from samples import services
from samples.models import Process, Sample
from samples.services.references import as_uuid

MERGING_KINDS = (Process.Kind.MIXING, Process.Kind.MERGING)
MOST_MERGED = 50


@login_required
def sample_split(request, uuid):
    """Take one piece or many; they are of what the sample is of."""
    row = find(
        Sample.objects.select_related("project", "batch", "composition"),
        request,
        uuid=uuid,
    )
    if not may_write(request.user, row.project):
        return turn_away(request, row, row.get_absolute_url())
    initial = {
        "count": request.GET.get("count", 1),
        "pattern": f"{row.code}-{{n}}",
        "kind": row.kind,
        "location": row.location,
        "operator": request.user.get_full_name() or request.user.get_username(),
    }
    form = SplitForm(request.POST or None, initial=initial, sample=row)
    if request.method == "POST" and not request.htmx:
        pieces = attempt(
            form,
            lambda: services.split_sample(
                user=request.user, sample=row, **form.values()
            ),
        )
        if pieces is not None:
            messages.success(request, _said_pieces(pieces, row))
            return redirect(pieces[0] if len(pieces) == 1 else row)
    context = {"form": form, "sample": row, **_preview(form)}
    if request.htmx:
        return render(request, "samples/logging/pieces.html", context)
    return render(request, "samples/logging/split.html", context)


def _preview(form):
    try:
        return {
            "codes": form.codes(),
            "started": read_time(form["started_at"].value() or ""),
        }
    except ValidationError as error:
        return {"wrong": " ".join(error.messages)}


def _said_pieces(pieces, row):
    labels = reverse("site:labels")
    query = "&".join(f"id={piece.uuid}" for piece in pieces)
    codes = [piece.code for piece in pieces]
    said = ", ".join(codes) if len(codes) < 5 else f"{codes[0]} … {codes[-1]}"
    return format_html(
        '{} of {}: {}. <a href="{}?{}">Print labels</a>',
        "A piece" if len(pieces) == 1 else f"{len(pieces)} pieces",
        row.code,
        said,
        labels,
        query,
    )


@login_required
def samples_merge(request):
    """Make one sample of several: mixed or merged, with how much of each."""
    rows = _chosen(request)
    if not rows:
        messages.warning(request, "Tick the samples to merge, then choose Merge.")
        return redirect("site:samples")
    project = rows[0].project
    if not may_write(request.user, project):
        return turn_away(request, rows[0], reverse("site:samples"))
    form = LogForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        project=project,
        start=_start(request.user, rows),
    )
    form.making.fields["kind"].choices = [
        (kind.value, kind.label) for kind in MERGING_KINDS
    ]
    if request.method == "POST":
        row = attempt(form, form.save)
        if row is not None:
            messages.success(request, f"{row.code} is logged.")
            return redirect(row)
    text = form.sample["composition"].value() or ""
    context = {
        "form": form,
        "rows": rows,
        "project": project,
        "asks_composition": True,
        "understood": read_composition(project, text),
        "creates_materials": "create_materials" in request.POST,
        **understood_parts(form.making),
        **suggestions(request.user, project),
    }
    return render(request, "samples/logging/merge.html", context)


def _chosen(request):
    """The samples to merge, of one project."""
    ids = request.POST.getlist("id") or request.GET.getlist("id")
    ids = [found for found in (as_uuid(one) for one in ids) if found][:MOST_MERGED]
    visible = Sample.objects.visible_to(request.user).select_related("project")
    found = visible.in_bulk(ids, field_name="uuid")
    return [found[one] for one in dict.fromkeys(ids) if one in found]


def _start(user, rows):
    code, after = proposed_code(user, rows[0].project)
    return Start(
        sample={
            "project": rows[0].project.slug,
            "kind": Sample.Kind.MIXTURE,
            "code": code,
        },
        making={
            "kind": Process.Kind.MIXING,
            "operator": user.get_full_name() or user.get_username(),
        },
        rows={"inputs": [{"code": row.code} for row in rows]},
        code_after=after,
    )
