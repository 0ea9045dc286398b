"""Notices: what happened while one was elsewhere."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from labdata.common.people.notices import Notice, mark_read
from labdata.site.kit.pages import find, page_of


@login_required
def notices(request):
    """The newest first, unread ones marked."""
    rows = Notice.objects.visible_to(request.user)
    return render(request, "lab/notices/list.html", {"page": page_of(request, rows)})


@login_required
def notice_open(request, uuid):
    """To what a notice is about, which is read thereby."""
    row = find(Notice.objects, request, uuid=uuid)
    mark_read(user=request.user, notices=[row])
    if row.address and url_has_allowed_host_and_scheme(row.address, None):
        return redirect(row.address)
    return redirect("site:notices")


@login_required
@require_POST
def notices_read(request):
    count = mark_read(user=request.user)
    if count:
        messages.success(request, f"{count} marked as read.")
    return redirect("site:notices")
