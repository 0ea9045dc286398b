"""Photographs and other files of samples and processes: added, seen, described."""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from labdata.common.people.access import require_write
from labdata.site.kit.pages import attempt, find, may_write
from labdata.site.measurements.forms.photos import DescribeFileForm
from measurements import services
from measurements.models import File
from measurements.services.thumbnails import LARGE, SMALL, thumbnail
from measurements.store.pictures import has_preview, is_photograph
from samples.models import Process, Sample

PLACEHOLDER = "measurements/files/placeholder.svg"


def _whole():
    return File.objects.select_related(
        "project", "blob", "sample", "process", "measurement__sample", "created_by"
    )


@login_required
@require_POST
def sample_files(request, uuid):
    """Keep photographs or files of a sample."""
    row = find(Sample.objects.select_related("project"), request, uuid=uuid)
    return _attach(request, row, sample=row)


@login_required
@require_POST
def process_files(request, uuid):
    """Keep photographs or files of a process."""
    row = find(Process.objects.select_related("project"), request, uuid=uuid)
    return _attach(request, row, process=row)


def _attach(request, row, **owner):
    require_write(request.user, row.project)
    uploads = [one for name in request.FILES for one in request.FILES.getlist(name)]
    try:
        kept = services.attach_files(
            user=request.user,
            files=uploads,
            description=request.POST.get("description", ""),
            **owner,
        )
        photos = sum(is_photograph(file.name) for file in kept)
        thing = "photograph" if photos == len(kept) else "file"
        plural = "" if len(kept) == 1 else "s"
        messages.success(request, f"Kept {len(kept)} {thing}{plural}.")
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    return redirect(f"{row.get_absolute_url()}#files")


@login_required
def file_page(request, uuid):
    """One file: large where it is a picture, its description, its bytes."""
    row = find(_whole(), request, uuid=uuid)
    return _page(request, row)


def _page(request, row, form=None):
    owner = row.sample or row.process or row.measurement
    siblings = []
    if row.sample_id or row.process_id:
        same = File.objects.current().filter(sample=row.sample, process=row.process)
        siblings = [file for file in same.order_by("pk") if is_photograph(file.name)]
    places = [file.pk for file in siblings]
    place = places.index(row.pk) if row.pk in places else None
    context = {
        "file": row,
        "owner": owner,
        "is_picture": has_preview(row.name),
        "is_unshown": is_photograph(row.name) and not has_preview(row.name),
        "before": siblings[place - 1] if place else None,
        "after": siblings[place + 1]
        if place is not None and place + 1 < len(siblings)
        else None,
        "place": None if place is None else place + 1,
        "count": len(siblings),
        "form": form or DescribeFileForm(initial={"description": row.description}),
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "measurements/files/file.html", context)


@login_required
@require_POST
def file_describe(request, uuid):
    """Say what a photograph or a file shows."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    form = DescribeFileForm(request.POST)
    done = attempt(
        form,
        lambda: services.update_file(
            user=request.user, file=row, description=form.cleaned_data["description"]
        ),
    )
    if done is None:
        return _page(request, row, form)
    messages.success(request, "Described.")
    return redirect(reverse("site:file", args=[row.uuid]))


@login_required
def file_thumbnail(request, uuid):
    """A small picture of a file; of one that has none, its kind in a frame."""
    row = find(_whole(), request, uuid=uuid)
    side = LARGE if request.GET.get("size") == "large" else SMALL
    tag = f'"{hashlib.sha256(f"{row.blob.sha256}-{side}".encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        answer = HttpResponseNotModified()
    elif data := thumbnail(row, side):
        answer = HttpResponse(data, content_type="image/jpeg")
    else:
        kind = row.name.rpartition(".")[2][:5].upper() if "." in row.name else "FILE"
        drawn = render_to_string(PLACEHOLDER, {"kind": kind})
        answer = HttpResponse(drawn, content_type="image/svg+xml")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, max-age=86400"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
