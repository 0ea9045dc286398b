"""Search from every page: what is offered while one types, and everything found."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from labdata.site.lab.search import find, sample_with_code

OFFERED = 5
SHOWN = 20


@login_required
def search(request):
    """Everything found, in groups; the exact code of a sample opens the sample."""
    text = request.GET.get("q", "").strip()
    if "all" not in request.GET and (sample := sample_with_code(request.user, text)):
        return redirect(sample)
    groups = find(request.user, text, limit=SHOWN)
    context = {
        "text": text,
        "groups": groups,
        "count": sum(group.count for group in groups),
    }
    return render(request, "lab/search/results.html", context)


@login_required
@never_cache
def suggestions(request):
    """The list under the search box: a few of each group, best first."""
    text = request.GET.get("q", "").strip()
    context = {"text": text, "groups": find(request.user, text, limit=OFFERED)}
    return render(request, "lab/search/suggestions.html", context)
