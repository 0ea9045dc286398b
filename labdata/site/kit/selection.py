"""Which rows of a list a person acts on: those ticked, or all that its filters find."""

from django.http import Http404, QueryDict

from samples.services.references import as_uuid


def selected(request, queryset, filterset_class):
    """The rows the selection bar sent: by repeated ``id``, or ``all=yes&query=…``.

    Raises
    ------
    Http404
        If one of the ids is no row that the person may see.
    """
    data = request.POST if request.method == "POST" else request.GET
    visible = queryset.visible_to(request.user)
    if data.get("all") == "yes":
        asked = QueryDict(data.get("query", ""))
        return filterset_class(asked, queryset=visible, request=request).qs
    ids = {as_uuid(text) for text in data.getlist("id") if text}
    found = visible.filter(uuid__in=ids - {None})
    if None in ids or found.count() != len(ids):
        raise Http404("One of the records selected is not there.")
    return found
