"""Keeping, renaming and forgetting the views of lists."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from labdata.common.people import saved_views as services
from labdata.common.people.access import Project
from labdata.common.people.saved_views import PAGES, SavedView
from labdata.site.kit.pages import attempt_act, find


def _back(request, fallback):
    """The page somebody came from, if it is one of ours."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return redirect(address)
    return redirect(fallback)


@login_required
@require_POST
def view_save(request):
    """Keep the query of a page under a name, and show the page by it."""
    slug = request.POST.get("project", "")
    shared = find(Project.objects.current(), request, slug=slug) if slug else None
    page = request.POST.get("page", "")
    view = attempt_act(
        request,
        lambda: services.save_view(
            user=request.user,
            page=page,
            name=request.POST.get("name", ""),
            query=request.POST.get("query", ""),
            project=shared,
        ),
        "",
    )
    if view is None:
        return _back(request, reverse(PAGES.get(page, "site:home")))
    whom = f" for everyone in {shared.slug}" if shared else ""
    messages.success(request, f"The view “{view.name}” is kept{whom}.")
    return redirect(view)


@login_required
@require_POST
def view_rename(request, uuid):
    view = find(SavedView.objects, request, uuid=uuid)
    old = view.name
    attempt_act(
        request,
        lambda: services.rename_view(
            user=request.user, view=view, name=request.POST.get("name", "")
        ),
        f"The view “{old}” has its new name.",
    )
    return _back(request, view.get_absolute_url())


@login_required
@require_POST
def view_delete(request, uuid):
    view = find(SavedView.objects, request, uuid=uuid)
    services.delete_view(user=request.user, view=view)
    messages.success(request, f"The view “{view.name}” is forgotten.")
    return _back(request, reverse(PAGES[view.page]))
