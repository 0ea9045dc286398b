"""What is done with many samples at once."""

from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse

from labdata.site.kit.pages import attempt
from labdata.site.kit.selection import selected
from labdata.site.samples.forms.many import ManySamplesForm
from samples import services
from samples.filtersets import SampleFilterSet
from samples.models import Sample
from samples.services.many import MOST


def _selected(request, *related):
    """The samples selected, archived ones included where ids name them."""
    rows = selected(request, Sample.objects.select_related(*related), SampleFilterSet)
    return list(rows.prefetch_related("tags").order_by("code", "pk")[: MOST + 1])


@login_required
def samples_change(request):
    """Tags, batch, place, owner and archive of many samples: all of them, or none."""
    rows = _selected(request, "project", "batch", "owner", "composition")
    if not rows or len(rows) > MOST:
        return _refuse(request, rows)
    saves = request.method == "POST" and "save" in request.POST
    form = ManySamplesForm(request.POST if saves else None, initial=request.GET.dict())
    if saves:
        changed = attempt(
            form,
            lambda: services.change_samples(
                user=request.user, samples=rows, **form.values()
            ),
        )
        if changed is not None:
            messages.success(request, _said(changed, len(rows)))
            return redirect(_came_from(request))
    for row in rows:
        row.errors = form.by_code.get(row.code, ())
    rows.sort(key=lambda row: not row.errors)
    context = {"form": form, "rows": rows, "back": _came_from(request)}
    return render(request, "samples/change.html", context)


def _came_from(request):
    """The list, with the filters it had when the samples were selected."""
    there = reverse("site:samples")
    told = request.POST.get("back") or request.headers.get("Referer", "")
    address = urlsplit(told)
    return f"{there}?{address.query}" if address.path == there else there


def _said(changed, count):
    if changed == 0:
        return "They were so already: nothing was changed."
    same = count - changed
    tail = f"; {same} had it so already" if same else ""
    return f"{changed} sample{'s' * (changed != 1)} changed{tail}."


def _refuse(request, rows):
    if rows:
        words = (
            f"More than {MOST} samples are too many to change at once: narrow the list."
        )
    else:
        words = "Select samples in the list first."
    context = {"words": words}
    return render(request, "samples/none_selected.html", context, status=400)


@login_required
def samples_process(request):
    """On to the form of a process with the selected samples as its inputs."""
    rows = _selected(request, "project")
    if not rows or len(rows) > MOST:
        return _refuse(request, rows)
    query = [("project", rows[0].project.slug), *(("input", row.code) for row in rows)]
    return redirect(f"{reverse('site:process-new')}?{urlencode(query)}")
