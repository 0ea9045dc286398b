"""The documents as pages, for everyone: they hold nothing of any lab."""

from django.http import Http404
from django.shortcuts import render

from labdata.site.lab import documents

SHOWN = 50


def help_index(request):
    """The list of the documents in reading order, or the sections somebody asks for."""
    text = request.GET.get("q", "").strip()[:300]
    found = documents.find_sections(text)
    context = {
        "document": documents.index(),
        "text": text,
        "found": found[:SHOWN],
        "count": len(found),
    }
    return render(request, "lab/help/index.html", context)


def help_page(request, name):
    """One document, with the list of its headings and the way on."""
    document = documents.find_document(name)
    if document is None:
        raise Http404
    before, after = documents.neighbours(document)
    context = {"document": document, "before": before, "after": after}
    return render(request, "lab/help/page.html", context)
