"""Signing in and out, what one likes, and the tokens of programs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from knox.models import AuthToken

from labdata.common.people.access import Membership
from labdata.common.people.preferences import preference
from labdata.common.people.tokens import issue_token
from labdata.site.kit.pages import attempt
from labdata.site.lab.forms.account import (
    START_PAGE,
    START_PAGES,
    PreferenceForm,
    TokenForm,
)


class SignIn(LoginView):
    """Leads to the page that was asked for, or to the one a person begins with."""

    template_name = "lab/account/login.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self):
        page = preference(self.request.user, START_PAGE)
        return (
            reverse(page) if page in START_PAGES else super().get_default_redirect_url()
        )


class SignOut(LogoutView):
    pass


class PasswordChange(PasswordChangeView):
    """A new password; whoever sets it stays signed in here, and only here."""

    template_name = "lab/account/password.html"
    success_url = reverse_lazy("site:account")

    def form_valid(self, form):
        messages.success(
            self.request,
            "Your password is changed. You are signed out everywhere but here;"
            " tokens go on working.",
        )
        return super().form_valid(form)


@login_required
@never_cache
def account(request):
    """What one likes, where one works, and who may act in one's name."""
    return _account_page(request)


def _account_page(request, *, likes=None, token_form=None, new_token=None):
    context = {
        "memberships": Membership.objects.filter(user=request.user)
        .select_related("project")
        .order_by("project__archived_at", "project__slug"),
        "likes": likes or PreferenceForm(user=request.user),
        "tokens": AuthToken.objects.filter(user=request.user)
        .select_related("grant")
        .prefetch_related("grant__projects")
        .order_by("-created"),
        "token_form": token_form or TokenForm(user=request.user),
        "new_token": new_token,
        "now": timezone.now(),
    }
    return render(request, "lab/account/account.html", context)


@login_required
@require_POST
def preferences(request):
    form = PreferenceForm(request.POST, user=request.user)
    if not form.is_valid():
        return _account_page(request, likes=form)
    form.save()
    messages.success(request, "Your preferences are kept.")
    return redirect("site:account")


@login_required
@never_cache
def token_new(request):
    """Make a token; it is shown once, in the answer to the form."""
    if request.method != "POST":
        return redirect("site:account")
    form = TokenForm(request.POST, user=request.user)
    made = attempt(form, lambda: issue_token(user=request.user, **form.values()))
    if made is None:
        return _account_page(request, token_form=form)
    return _account_page(request, new_token=made)


@login_required
@require_POST
def revoke_token(request, key):
    token = get_object_or_404(AuthToken, user=request.user, token_key=key)
    name = token.grant.name if hasattr(token, "grant") else f"{key}…"
    token.delete()
    messages.success(request, f"The token “{name}” no longer works.")
    return redirect("site:account")
