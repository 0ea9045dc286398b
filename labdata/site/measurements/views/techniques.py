"""Which files can be read and what is made of them, as the registries declare it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analysis.contract.nomenclature import describe_technique, describe_techniques
from analysis.contract.registry import analyses
from labdata.common.api.renderers import dumps
from labdata.plugin import AnalysisError
from labdata.site.kit.results.curve_figures import caption_of, figure_of_example
from labdata.site.measurements.examples import result_of, told_example
from measurements.api.describe import describe_array
from measurements.arrays.preview import preview
from measurements.registry import readers, techniques

MOST_ROWS = 20


@login_required
@require_GET
def technique_list(request):
    """Every technique and every format, or those that have the words asked for."""
    text = request.GET.get("q", "").strip()[:300]
    words = text.casefold().split()
    every = describe_techniques()
    notes = [one for one in every if _holds(_technique_words(one), words)]
    formats = [one for one in readers if _holds(_reader_words(one), words)]
    context = {
        "text": text,
        "notes": notes,
        "formats": sorted(formats, key=lambda one: (one.generic, one.label.casefold())),
        "count": len(every),
    }
    return render(request, "measurements/techniques/list.html", context)


@login_required
@require_GET
def technique(request, key):
    """One technique: what it expects, its conditions, formats and analyses."""
    notes = describe_technique(_found(techniques, key))
    example, figure = notes.technique.example(), notes.technique.figure
    context = {
        "notes": notes,
        "technique": notes.technique,
        "figure": figure,
        "caption": caption_of(figure),
        "table": _table_of(example) if figure.kind == "table" else None,
        "is_simulated": example.metadata.get("origin") == "simulated",
    }
    return render(request, "measurements/techniques/technique.html", context)


@login_required
@require_GET
def technique_example(request, key):
    """The example of a technique as a figure; where the file names the columns, plain.

    Plain is as the previews of datasets are.
    """
    technique = _found(techniques, key)
    if not technique.named_by_file:
        return _json(figure_of_example(technique))
    parts = preview(technique.example())
    return _json({name: describe_array(dataset) for name, dataset in parts.items()})


@login_required
@require_GET
def analysis_example(request, key, analysis):
    """The part of a technique's page that shows what an analysis makes of the example.

    It is asked for when it is about to be seen: some analyses take their time.
    """
    technique, spec = _pair(key, analysis)
    context = {"technique": technique, "analysis": spec}
    context |= told_example(technique, spec)
    return render(request, "measurements/techniques/example.html", context)


@login_required
@require_GET
def analysis_curves(request, key, analysis):
    """The numbers of that part's figure."""
    technique, spec = _pair(key, analysis)
    try:
        result = result_of(technique, spec)
    except AnalysisError as error:
        raise Http404 from error
    return _json(figure_of_example(technique, result))


@login_required
@require_GET
def reader_example(request, key):
    """A small file as the format has it, to look at and to try with."""
    reader = _found(readers, key)
    response = HttpResponse(reader.sample(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{reader.sample_name}"'
    return response


def _table_of(dataset):
    """The columns of a dataset, the axis first, and its first rows."""
    columns = [dataset.axes[0], *dataset.channels]
    values = (column.values[:MOST_ROWS].tolist() for column in columns)
    return {"columns": columns, "rows": list(zip(*values, strict=True))}


def _json(told):
    return HttpResponse(dumps(told), content_type="application/json")


def _pair(key, analysis):
    technique, spec = _found(techniques, key), _found(analyses, analysis)
    if not spec.serves(technique.key):
        raise Http404
    return technique, spec


def _found(registry, key):
    if key not in registry:
        raise Http404
    return registry[key]


def _holds(told, words):
    return all(word in told for word in words)


def _technique_words(notes):
    spec = notes.technique
    parts = (text for one in notes.parts for text in (one.label, *one.titles))
    made = (
        text
        for one in notes.analyses
        for text in (one.analysis.label, *(q.label for q in one.quantities))
    )
    formats = (_reader_words(one) for one in notes.readers)
    return " ".join([spec.key, spec.label, *parts, *made, *formats]).casefold()


def _reader_words(reader):
    endings = (f".{one}" for one in reader.extensions)
    return " ".join([reader.key, reader.label, reader.limits, *endings]).casefold()
