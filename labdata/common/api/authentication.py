"""Tokens: whose they are, and what they are good for."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS

from labdata.common.people.tokens import Scope, TokenGrant, note_use


class TokenAuthentication(KnoxAuthentication):
    """Lets a token do what it was made for, and no more.

    The projects it is limited to travel on the user, where
    ``labdata.common.access`` honours them.
    """

    def authenticate(self, request):
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        grant = TokenGrant.objects.filter(token=token).first()
        if grant is None:
            raise PermissionDenied("This token says not what it may do: make another.")
        if grant.scope == Scope.READ and request.method not in SAFE_METHODS:
            raise PermissionDenied(
                f"The token “{grant.name}” may only read: make one that also writes."
            )
        if grant.is_limited:
            user.token_projects = frozenset(grant.projects.values_list("pk", flat=True))
        note_use(grant)
        return user, token


class TokenScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI description names this way of signing in."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`. A token for reading answers 403 to anything but "
            "GET; one limited to projects sees and changes those alone.",
        }
