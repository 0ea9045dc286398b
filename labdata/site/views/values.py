"""Values people type: record one, see it understood, accept or reject it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from analysis import services
from analysis.models import PropertyValue
from labdata.common.access import require_write
from labdata.common.quantities import quantities
from labdata.site.forms import DecisionForm
from labdata.site.forms.values import ValueForm
from labdata.site.views.base import attempt, find, may_write, turn_away
from labdata.site.views.run_lists import way_back
from samples.models import Sample
from samples.services.references import as_uuid


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
    return render(request, "values/form.html", context)


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
    return render(request, "values/understood.html", context)


@login_required
@require_POST
def value_decide(request, uuid):
    """Accept or reject one value, or withdraw that."""
    values = PropertyValue.objects.select_related("project", "sample")
    value = find(values, request, uuid=uuid)
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
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
    else:
        said = decision.get_verdict_display()
        messages.success(request, f"{said}: {quantities[value.quantity].label}.")
    return redirect(way_back(request, value.sample.get_absolute_url()))
