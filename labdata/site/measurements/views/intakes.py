"""Dropping files: kept at once, matched, described together, followed to their fits."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from analysis import services as analysis_services
from analysis.models import Decision
from labdata.common.api.errors import Conflict
from labdata.common.people.access import Project, require_write
from labdata.common.people.notices import Notice, mark_read
from labdata.site.kit.forms import flat, messages_of
from labdata.site.kit.pages import attempt, find, may_write, needs_project
from labdata.site.kit.undo import offer_undo, take_undo
from labdata.site.measurements.forms.intakes import DropForm, ManyFilesForm
from labdata.site.measurements.intakes import (
    GOOD,
    Overview,
    accept_good,
    describe_intake,
    describe_row,
    plot_of,
)
from measurements import services
from measurements.models import Intake, IntakeFile
from measurements.registry import readers, techniques
from measurements.services.intakes import cell_of
from samples.models import Batch, Sample
from samples.services.references import as_uuid

OTHERS_SHOWN = 5
CODES_OFFERED = 20


def _whole():
    return Intake.objects.select_related("project", "sample", "batch", "created_by")


@login_required
@needs_project
def intake_new(request):
    """Show where files are dropped; the first of them opens the place for the rest."""
    sample, batch, project = _narrowed(request)
    if request.method != "POST":
        form = DropForm(
            initial={
                "project": project.slug if project else "",
                "technique": request.GET.get("technique", ""),
            },
            user=request.user,
        )
        return _page(request, None, form=form, sample=sample, batch=batch)
    form = DropForm(request.POST, user=request.user)
    intake = attempt(form, lambda: _start(request, form, sample, batch))
    if request.accepts("text/html"):
        if intake is None:
            return _page(request, None, form=form, sample=sample, batch=batch)
        _add_all(request, intake)
        return redirect(intake)
    if intake is None:
        return JsonResponse({"errors": form.errors}, status=400)
    return JsonResponse({"address": intake.get_absolute_url()}, status=201)


def _start(request, form, sample, batch):
    given = form.cleaned_data
    return services.start_intake(
        user=request.user,
        project=Project.objects.visible_to(request.user).get(slug=given["project"]),
        sample=sample,
        batch=batch,
        technique=given["technique"],
    )


def _narrowed(request):
    """The sample, the batch and the project an address names, as far as one sees them.

    Without any the project is the one files were dropped into last.
    """
    asked = {**request.GET.dict(), **request.POST.dict()}
    writable = Project.objects.current().writable_by(request.user)
    project = writable.filter(slug=asked.get("project", "")).first()
    sample = batch = None
    if named := asked.get("sample"):
        sample = _named(Sample, request, project, named)
    elif named := asked.get("batch"):
        batch = _named(Batch, request, project, named)
    for row in (sample, batch):
        if row is not None:
            project = row.project
    if project is None:
        last = Intake.objects.filter(created_by=request.user, project__in=writable)
        last = last.select_related("project").order_by("-pk").first()
        project = last.project if last else writable.first()
    return sample, batch, project


def _named(model, request, project, named):
    """A sample or batch by code or id, if just one is meant."""
    rows = model.objects.current().visible_to(request.user).select_related("project")
    rows = rows.filter(project__in=Project.objects.writable_by(request.user))
    public_id = as_uuid(named)
    rows = rows.filter(uuid=public_id) if public_id else rows.filter(code=named)
    if project is not None and len(rows) > 1:
        rows = rows.filter(project=project)
    return rows[0] if len(rows) == 1 else None


@login_required
@never_cache
def intake(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    return _page(request, row)


def _page(request, row, *, form=None, many=None, sample=None, batch=None):
    overview = describe_intake(row) if row else Overview()
    can_write = may_write(request.user, row.project) if row else True
    others = Intake.objects.visible_to(request.user).unfinished()
    others = others.filter(created_by=request.user).select_related("project")
    context = {
        **_context(request, row, overview, can_write),
        "form": form,
        "sample": row.sample if row else sample,
        "batch": row.batch if row else batch,
        "many": many or (row and _many_form(request, row, overview.rows)),
        "others": others.exclude(pk=row.pk if row else None).with_counts()[
            :OTHERS_SHOWN
        ],
        "limit": settings.LABDATA_MAX_UPLOAD,
        "undo": take_undo(request),
    }
    if row and not overview.open:
        told = Notice.objects.visible_to(request.user).unread()
        mark_read(
            user=request.user, notices=told.filter(address=row.get_absolute_url())
        )
    return render(request, "measurements/intakes/intake.html", context)


def _context(request, row, overview, can_write):
    """What every part of the page needs, whole or alone."""
    is_over = bool(overview.measured) and not overview.open
    return {
        "intake": row,
        "overview": overview,
        "rows": overview.rows,
        "can_write": can_write,
        "techniques": [(one.key, one.label) for one in techniques],
        "readers": [(one.key, one.label) for one in readers],
        "rule": GOOD,
        "plot": plot_of(overview) if is_over else None,
    }


def _many_form(request, row, rows, data=None):
    waiting = [one for one in rows if one.measurement_id is None]
    for one in waiting:
        one.project_id = row.project_id
    return ManyFilesForm(data, user=request.user, rows=waiting)


@login_required
@require_POST
def intake_add(request, uuid):
    """Keep dropped files; asked by the script for one, the answer is its row."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    if not request.htmx:
        _add_all(request, row)
        return redirect(row)
    try:
        uploads = request.FILES.getlist("file")
        if len(uploads) != 1:
            raise ValidationError({"file": "Send one file at a time."})
        added = services.add_intake_file(
            user=request.user,
            intake=row,
            upload=uploads[0],
            folder=request.POST.get("folder", ""),
        )
    except ValidationError as error:
        told = " ".join(error.messages)
        return HttpResponse(told, status=400, content_type="text/plain")
    context = _context(request, row, Overview([describe_row(added)]), True)
    return render(request, "measurements/intakes/rows.html", context)


def _add_all(request, row):
    """Keep every file of a plain form; one that is refused leaves the others."""
    for upload in request.FILES.getlist("file"):
        try:
            services.add_intake_file(user=request.user, intake=row, upload=upload)
        except (ValidationError, RequestDataTooBig) as error:
            for text in getattr(error, "messages", [error]):
                messages.error(request, text)


@login_required
@require_POST
def intake_row(request, uuid, file):
    """Say whose a file is, what it measures, how it is read; or leave it out."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    one = get_object_or_404(
        IntakeFile.objects.select_related("sample"), intake=row, uuid=file
    )
    wrong, typed = {}, {}
    try:
        services.describe_intake_files(
            user=request.user, intake=row, files=[one], **_said(request, one)
        )
    except ValidationError as error:
        wrong = {name: flat(texts) for name, texts in messages_of(error).items()}
        typed = request.POST.dict()
    except Conflict as error:
        wrong = {"file": [str(error.detail)]}
    if not request.htmx:
        for text in (text for texts in wrong.values() for text in texts):
            messages.error(request, text)
        return redirect(f"{row.get_absolute_url()}#file-{one.uuid}")
    return _row_answer(request, row, one, wrong, typed)


def _said(request, one):
    """What of a row's form differs from what is known of the file."""
    sent = request.POST
    said = {}
    if "candidate" in sent or "sample" in sent:
        code = sent.get("candidate", sent.get("sample", "")).strip()
        if code != (one.sample.code if one.sample else ""):
            said["sample"] = code
    if "cell" in sent and "sample" not in said and sent["cell"] != cell_of(one):
        said["cell"] = sent["cell"]
    if sent.get("technique", one.technique) != one.technique:
        said["technique"] = sent["technique"]
    elif sent.get("reader", one.reader) != one.reader:
        said["reader"] = sent["reader"]
    for name in ("is_left_out", "is_wanted_twice"):
        if name in sent:
            said[name] = sent[name] == "yes"
    return said


def _row_answer(request, row, one, wrong, typed):
    """One row anew, with the parts of the page that count rows."""
    overview = describe_intake(row)
    for each in overview.rows:
        if each.pk == one.pk:
            each.wrong, each.typed, shown = wrong, typed, each
    context = {**_context(request, row, overview, True), "rows": [shown]}
    context["is_live"] = True
    return render(request, "measurements/intakes/answer.html", context)


@login_required
@require_POST
def intake_describe(request, uuid):
    """Say the same of the ticked files, or of all that wait where none is ticked."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    overview = describe_intake(row)
    ticked = set(request.POST.getlist("id"))
    chosen = [
        one
        for one in overview.rows
        if one.measurement_id is None
        and (str(one.uuid) in ticked if ticked else not one.is_left_out)
    ]
    form = _many_form(request, row, overview.rows, request.POST)
    done = attempt(
        form,
        lambda: services.describe_intake_files(
            user=request.user, intake=row, files=chosen, **form.said()
        ),
    )
    if done is None:
        return _page(request, row, many=form)
    messages.success(request, f"Set for {_count(len(done), 'file')}.")
    return redirect(row)


@login_required
@require_POST
def intake_submit(request, uuid):
    """Make measurements of every file about which nothing is open."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    done = services.submit_intake(user=request.user, intake=row)
    if done.refused:
        messages.warning(
            request,
            f"{_count(done.refused, 'file')} not uploaded: see what is asked of each.",
        )
    elif not done.created:
        messages.info(request, "Everything here is uploaded already.")
    return redirect(row)


@login_required
@never_cache
def intake_progress(request, uuid):
    """How far all is; with ``seen`` the rows changed since, with ``many`` the form."""
    row = find(_whole(), request, uuid=uuid)
    overview = describe_intake(row)
    can_write = may_write(request.user, row.project)
    seen = request.GET.get("seen")
    changed = []
    if seen is not None:
        changed = [
            one
            for place, one in enumerate(overview.rows)
            if one.letter != seen[place : place + 1]
        ]
    context = {**_context(request, row, overview, can_write), "rows": changed}
    context["is_live"] = True
    if "many" in request.GET:
        context["many"] = _many_form(request, row, overview.rows)
    return render(request, "measurements/intakes/answer.html", context)


@login_required
@require_POST
def intake_accept(request, uuid):
    """Accept one fit, or every fit the rule calls good."""
    row = find(_whole(), request, uuid=uuid)
    require_write(request.user, row.project)
    one = row.files.filter(uuid=as_uuid(request.POST.get("file"))).first()
    if one is None:
        decisions = accept_good(user=request.user, intake=row)
        words = f"Accepted: {_count(len(decisions), 'fit')}."
        offer_undo(request, decisions, words, row.get_absolute_url())
        return redirect(row)
    run = describe_row(one).run
    try:
        if run is None:
            raise ValidationError("There is no fit of it.")
        analysis_services.decide(
            user=request.user, about=run, verdict=Decision.Verdict.ACCEPTED
        )
        wrong = {}
    except ValidationError as error:
        wrong = {"run": error.messages}
    if not request.htmx:
        return redirect(f"{row.get_absolute_url()}#file-{one.uuid}")
    return _row_answer(request, row, one, wrong, {})


@login_required
@require_POST
def intake_away(request, uuid):
    row = find(_whole(), request, uuid=uuid)
    services.put_intake_away(user=request.user, intake=row)
    messages.success(request, "Put away. What was uploaded stays where it is.")
    return redirect(reverse("site:measurements"))


@login_required
def intake_codes(request, uuid):
    """Codes that hold what is being typed, for the list under the field."""
    row = find(_whole(), request, uuid=uuid)
    text = request.GET.get("sample", "").strip()
    codes = Sample.objects.current().filter(
        project_id=row.project_id, code__icontains=text
    )
    context = {"codes": codes.order_by("code").values_list("code", flat=True)}
    context["codes"] = context["codes"][:CODES_OFFERED]
    return render(request, "measurements/intakes/codes.html", context)


def _count(number, thing):
    return f"{number} {thing}{'' if number == 1 else 's'}"
