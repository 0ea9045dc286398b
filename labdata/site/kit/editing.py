"""Adding and changing records of one form, two people at once included."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render

from labdata.common.record.edits import hold
from labdata.site.kit.pages import attempt, overtaken


def add_record(request, form_class, save, *, template, context, address, initial=None):
    """Show a form for a new record, and save what it says.

    ``save`` takes the form's values and answers the record; ``address`` is where the
    person came from and goes back to.
    """
    form = form_class(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST":
        made = attempt(form, lambda: save(**form.values()))
        if made is not None:
            messages.success(request, f"{made} is added.")
            return redirect(address)
    return render(request, template, context | {"form": form, "address": address})


def change_record(request, row, form_class, save, *, template, context, address):
    """Show a form for a record, and save it unless somebody was faster.

    ``save`` takes the locked record and the form's values.
    """
    context = context | {"record": row, "address": address}
    if request.method != "POST":
        form = form_class(user=request.user, record=row)
        return render(request, template, context | {"form": form})
    form = form_class(request.POST, user=request.user, record=row)
    with transaction.atomic():
        hold(row)
        changes = overtaken(form, row)
        if changes is not None:
            told = {"form": form, "changes": changes, "is_stale": True}
            return render(request, template, context | told, status=409)
        saved = attempt(form, lambda: save(row, **form.values()))
    if saved is None:
        return render(request, template, context | {"form": form})
    messages.success(request, f"{saved} is changed.")
    return redirect(address)
