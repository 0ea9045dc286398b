"""Runs side by side: curves, values and their differences, what was asked otherwise."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from labdata.common.people.access import Project
from labdata.site.kit.results.run_rows import describe_rows, whole_runs, with_verdict
from labdata.site.kit.undo import take_undo
from labdata.site.runs.comparison import (
    compare_parameters,
    compare_statistics,
    compare_values,
    reference_of,
)
from samples.services.references import as_uuid

FEWEST, MOST = 2, 6


@login_required
@never_cache
def runs_compare(request):
    """Two to six runs, named by id; a form that posts them is sent to their address."""
    sent = request.POST if request.method == "POST" else request.GET
    given = list(dict.fromkeys(sent.getlist("id")))
    if not FEWEST <= len(given) <= MOST:
        messages.warning(
            request, f"Tick {FEWEST} to {MOST} runs to compare, not {len(given)}."
        )
        return redirect("site:runs")
    if request.method == "POST":
        query = urlencode({"id": given}, doseq=True)
        return redirect(f"{reverse('site:runs-compare')}?{query}")
    ids = [as_uuid(one) for one in given]
    found = with_verdict(whole_runs().visible_to(request.user)).filter(
        uuid__in=[one for one in ids if one]
    )
    rows = {row.uuid: row for row in describe_rows(found)}
    if set(ids) != set(rows):
        raise Http404("There is no such run.")
    rows = [rows[one] for one in ids]
    writable = set(
        Project.objects.writable_by(request.user).values_list("pk", flat=True)
    )
    for row in rows:
        row.can_write = row.project_id in writable
    reference = reference_of(rows)
    statistics, are_comparable = compare_statistics(rows)
    context = {
        "rows": rows,
        "reference": reference,
        "values": compare_values(rows, reference),
        "statistics": statistics,
        "are_comparable": are_comparable,
        "parameters": compare_parameters(rows),
        "of_one_measurement": len({row.measurement_id for row in rows}) == 1,
        "can_write": any(row.can_write for row in rows),
        "undo": take_undo(request),
    }
    return render(request, "runs/compare.html", context)
