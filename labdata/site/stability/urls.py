"""The addresses of the pages of ageing tests."""

from django.urls import path

from labdata.site.stability.views import board, survival

pages = [
    path("stability/", board.board, name="stability"),
    path("stability/together/", board.together, name="stability-together"),
    path("stability/survival/", survival.survival, name="survival"),
    path("measurements/<uuid:uuid>/append/", board.track_append, name="track-append"),
    path(
        "measurements/<uuid:uuid>/test-state/",
        board.track_state,
        name="track-state",
    ),
    path(
        "samples/<uuid:uuid>/ageing-series/",
        board.ageing_series,
        name="ageing-series",
    ),
]
