"""Labels to print, and what a label leads to when it is scanned."""

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render

from labdata.common.people.preferences import preference, set_preference
from labdata.site.kit.forms import LabForm
from labdata.site.kit.selection import selected
from labdata.site.lab.labels import (
    DEFAULT_FORMAT,
    FORMATS,
    make_labels,
    pages_of,
    uuids_of,
)
from samples.filtersets import SampleFilterSet
from samples.models import Composition, ProcessOutput, Sample
from samples.producers.compositions import effective_compositions

REMEMBERED = "labels.format"
MAX_LABELS = 1000
MAX_COPIES = 20
# Names by which a phone reaches itself instead of the lab.
UNREACHABLE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", None}
SHOWN = [("composition", "Composition"), ("date", "Date"), ("owner", "Who made it")]


class LabelForm(LabForm):
    """What is printed on, where the sheet begins, and what stands on a label."""

    format = forms.ChoiceField(
        choices=[
            (
                "Sheets",
                [(one.key, one.name) for one in FORMATS.values() if one.is_sheet],
            ),
            (
                "Label printers",
                [(one.key, one.name) for one in FORMATS.values() if not one.is_sheet],
            ),
        ],
        label="Labels",
        required=False,
    )
    start = forms.IntegerField(
        min_value=1,
        max_value=max(one.per_page for one in FORMATS.values()),
        label="First free place",
        required=False,
        help_text="Of a half-used sheet, counted along the rows.",
    )
    copies = forms.IntegerField(
        min_value=1, max_value=MAX_COPIES, label="Copies of each", required=False
    )
    shown = forms.MultipleChoiceField(
        choices=SHOWN,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Beside the code",
    )

    def clean(self):
        values = super().clean()
        for name, usual in (("format", DEFAULT_FORMAT), ("start", 1), ("copies", 1)):
            if name not in self.errors:
                values[name] = values.get(name) or usual
        form, start = FORMATS.get(values.get("format")), values.get("start")
        if form and start and not form.is_sheet:
            values["start"] = 1
        elif form and start and start > form.per_page:
            self.add_error("start", f"A sheet has {form.per_page} places, not {start}.")
        return values


@login_required
def labels(request):
    """Labels of the samples selected, or of a batch, as they will be printed."""
    rows = _samples(request)
    kept = preference(request.user, REMEMBERED, {})
    initial = {
        "format": DEFAULT_FORMAT,
        "copies": 1,
        "shown": [key for key, _ in SHOWN],
        **{key: kept[key] for key in ("format", "shown") if key in kept},
        "start": 1,
    }
    form = LabelForm(request.POST if "format" in request.POST else initial)
    if form.is_valid() and "format" in request.POST:
        chosen = {key: form.cleaned_data[key] for key in ("format", "shown")}
        set_preference(user=request.user, key=REMEMBERED, value=chosen)
    base = settings.LABDATA_PUBLIC_URL or request.build_absolute_uri("/")
    context = {
        "form": form,
        "samples": rows,
        "host": urlsplit(base).hostname,
        "is_unreachable": urlsplit(base).hostname in UNREACHABLE,
        "pages": [],
        "skipped": 0,
    }
    if form.is_valid() and rows:
        context |= _sheets(rows, form.cleaned_data, base)
    template = "lab/labels/sheets.html" if request.htmx else "lab/labels/labels.html"
    return render(request, template, context)


def _samples(request):
    data = request.POST if request.method == "POST" else request.GET
    visible = Sample.objects.visible_to(request.user)
    if batch := data.get("batch"):
        found = visible.current().filter(batch__code=batch)
        if project := data.get("project"):
            found = found.filter(project__slug=project)
        if not found.exists():
            raise Http404
    else:
        found = selected(request, Sample.objects, SampleFilterSet)
    return list(
        found.select_related("composition", "owner", "project").order_by("code", "pk")[
            :MAX_LABELS
        ]
    )


def _sheets(rows, chosen, base):
    form = FORMATS[chosen["format"]]
    shown = set(chosen["shown"])
    if "date" in shown:
        _date(rows)
    most = MAX_LABELS // chosen["copies"]
    printed = make_labels(
        rows[:most],
        _compositions(rows) if "composition" in shown else {},
        form,
        base,
    )
    pages = pages_of(printed, form, start=chosen["start"], copies=chosen["copies"])
    return {
        "format": form,
        "pages": pages,
        "count": len(printed) * chosen["copies"],
        "skipped": len(rows) - len(printed),
        "show_date": "date" in shown,
        "show_owner": "owner" in shown,
        "paper": f"css/paper/{form.paper}.css",
    }


def _date(rows):
    """Say of each sample when it was made, or else when it was logged."""
    made = dict(
        ProcessOutput.objects.filter(
            sample__in=rows,
            process__archived_at__isnull=True,
            process__started_at__isnull=False,
        )
        .order_by("-process__started_at")
        .values_list("sample_id", "process__started_at")
    )
    for row in rows:
        row.label_date = made.get(row.pk, row.created_at)


def _compositions(rows):
    """The composition of each sample, its ancestor's where it has none of its own."""
    inherited = effective_compositions([r.pk for r in rows if r.composition_id is None])
    found = Composition.objects.in_bulk(set(inherited.values()))
    own = {row.pk: row.composition for row in rows if row.composition}
    taken = {pk: found[composition] for pk, composition in inherited.items()}
    return {pk: composition.text for pk, composition in (own | taken).items()}


@login_required
def scan(request, short):
    """From a label to its sample, whose page has what one does at the bench on top."""
    between = uuids_of(short)
    if between is None:
        raise Http404
    found = list(Sample.objects.visible_to(request.user).filter(uuid__range=between))
    if len(found) != 1:
        raise Http404
    return redirect(found[0])
