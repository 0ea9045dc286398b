"""Throttles: generous to readers, who poll, and firm with writers."""

from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import UserRateThrottle


class ReadThrottle(UserRateThrottle):
    scope = "read"

    def allow_request(self, request, view):
        return request.method not in SAFE_METHODS or super().allow_request(
            request, view
        )


class WriteThrottle(UserRateThrottle):
    scope = "write"

    def allow_request(self, request, view):
        return request.method in SAFE_METHODS or super().allow_request(request, view)
