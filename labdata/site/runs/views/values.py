"""Values people type: record one, see it understood, accept or reject it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from analysis import services
from analysis.models import Decision, PropertyValue
from labdata.common.measures.quantities import quantities
from labdata.common.people.access import require_write
from labdata.site.kit.pages import attempt, find, may_write, turn_away
from labdata.site.kit.results.run_chain import chain_of
from labdata.site.kit.results.run_forms import DecisionForm
from labdata.site.kit.results.run_rows import name_value
from labdata.site.runs.forms.values import ValueForm
from labdata.site.runs.views.lists import way_back
from samples.models import Sample
from samples.services.references import as_uuid

DECISIONS_SHOWN = 20


@login_required
@never_cache
def value_new(request, uuid):
    """Record a value of a sample; ``replaces`` names one that was mistyped."""
    sample = find(Sample.objects.select_related("project"), request, uuid=uuid)
    if not may_write(request.user, sample.project):
        return turn_away(request, sample, sample)
    if request.method != "POST":
        form = ValueForm(initial=_initial(request, sample), sample=sample)
        return _page(request, sample, form)
    form = ValueForm(request.POST, sample=sample)
    value = attempt(
        form,
        lambda: services.record_value(
            user=request.user, sample=sample, **form.values()
        ),
    )
    if value is None:
        return _page(request, sample, form)
    messages.success(request, f"Recorded: {quantities[value.quantity].label}.")
    if "another" in request.POST:
        return redirect(request.path)
    return redirect(sample)


def _initial(request, sample):
    """What the address asks for, or the value that is to be replaced."""
    initial = {
        name: request.GET[name]
        for name in ("quantity", "label", "origin")
        if name in request.GET
    }
    replaced = _replaced(request, sample)
    if replaced is not None:
        initial |= {
            "quantity": replaced.quantity,
            "label": replaced.label,
            "origin": replaced.origin,
            "doi": replaced.reference_doi,
            "locator": replaced.reference_locator,
            "note": replaced.note,
            "supersedes": replaced.uuid,
        }
    return initial


def _replaced(request, sample):
    uuid = as_uuid(request.GET.get("replaces", ""))
    typed = PropertyValue.objects.visible_to(request.user).filter(
        sample=sample, run__isnull=True
    )
    return typed.filter(uuid=uuid).first() if uuid else None


def _page(request, sample, form):
    context = {"form": form, "sample": sample, "replaced": _replaced(request, sample)}
    return render(request, "runs/values/form.html", context)


@login_required
@require_GET
def value_understood(request):
    """What a typed value means in the unit of its quantity."""
    key, text = request.GET.get("quantity", ""), request.GET.get("value", "").strip()
    context = {"spec": quantities.get(key), "text": text}
    if context["spec"] is not None and text:
        try:
            context["numbers"] = services.understand_value(quantity=key, value=text)
        except ValidationError as error:
            context["errors"] = error.messages
    return render(request, "runs/values/understood.html", context)


def _whole():
    return PropertyValue.objects.select_related(
        "project",
        "sample",
        "subject__process",
        "created_by",
        "run__measurement__sample",
        "supersedes",
    )


@login_required
@never_cache
def value(request, uuid):
    """One value: where it is from, what was said about it, what took its place."""
    row = find(_whole().with_standing(), request, uuid=uuid)
    return _value_page(request, row)


def _value_page(request, row, form=None):
    decisions = list(row.decisions.select_related("user")[:DECISIONS_SHOWN])
    verdict = decisions[0].verdict if decisions else ""
    context = {
        "value": name_value(row),
        "sample": row.sample,
        "is_current": PropertyValue.objects.current().filter(pk=row.pk).exists(),
        "superseded_by": PropertyValue.objects.filter(supersedes=row).first(),
        "chain": chain_of(row.run, row) if row.run else None,
        "decisions": decisions,
        "verdict": "" if verdict == Decision.Verdict.WITHDRAWN else verdict,
        "decision_form": form or DecisionForm(),
        "can_write": may_write(request.user, row.project),
    }
    return render(request, "runs/values/value.html", context)


@login_required
@require_POST
def value_decide(request, uuid):
    """Accept or reject one value, or withdraw that."""
    value = find(_whole(), request, uuid=uuid)
    require_write(request.user, value.project)
    form = DecisionForm(request.POST)
    decision = attempt(
        form,
        lambda: services.decide(
            user=request.user,
            about=value,
            verdict=form.cleaned_data["verdict"],
            reason=form.cleaned_data["reason"],
        ),
    )
    if decision is None:
        return _value_page(request, value, form)
    said = decision.get_verdict_display()
    messages.success(request, f"{said}: {name_value(value).name}.")
    return redirect(way_back(request, reverse("site:value", args=[value.uuid])))
