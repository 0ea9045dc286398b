"""Signing in and out, and the tokens of programs that work in one's name."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from knox.models import AuthToken

from labdata.common.access import Membership


class SignIn(LoginView):
    template_name = "account/login.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    pass


@login_required
@never_cache
def account(request):
    """Memberships and tokens; a new token is shown once, in the answer to the form."""
    new_token = None
    if request.method == "POST":
        _, new_token = AuthToken.objects.create(user=request.user)
    context = {
        "memberships": Membership.objects.filter(user=request.user)
        .select_related("project")
        .order_by("project__slug"),
        "tokens": AuthToken.objects.filter(user=request.user).order_by("-created"),
        "new_token": new_token,
        "days": settings.REST_KNOX["TOKEN_TTL"].days,
    }
    return render(request, "account/account.html", context)


@login_required
@require_POST
def revoke_token(request, key):
    token = get_object_or_404(AuthToken, user=request.user, token_key=key)
    token.delete()
    messages.success(request, f"The token {key}… no longer works.")
    return redirect("site:account")
