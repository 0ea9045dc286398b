"""The addresses of the pages of relations, populations and overlays."""

from django.urls import path

from labdata.site.explore.views import overlays, populations, relations

pages = [
    path("overlay/", overlays.overlaid, name="overlay"),
    path("overlay/data/", overlays.overlay_data, name="overlay-data"),
    path("explore/", relations.relation, name="relation"),
    path("explore/points/", relations.relation_points, name="relation-points"),
    path("explore/variables/", relations.relation_variables, name="relation-variables"),
    path("populations/", populations.population, name="population"),
    path(
        "populations/points/", populations.population_points, name="population-points"
    ),
    path(
        "populations/exclude/",
        populations.population_exclude,
        name="population-exclude",
    ),
]
