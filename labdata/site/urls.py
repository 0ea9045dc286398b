"""The addresses of the pages, and the API beside them."""

from django.urls import include, path

from labdata.site.views import (
    account,
    drafts,
    health,
    home,
    logging,
    materials,
    measurements,
    processes,
    projects,
    relations,
    runs,
    sample_edit,
    samples,
)

pages = [
    path("", home.home, name="home"),
    path("health/", health.health, name="health"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", account.SignOut.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/tokens/<str:key>/revoke/", account.revoke_token, name="token-revoke"),
    path("drafts/<str:key>/", drafts.draft, name="draft"),
    path("samples/", samples.sample_list, name="samples"),
    path("samples/new/", logging.sample_new, name="sample-new"),
    path("samples/composition/", logging.understood, name="composition"),
    path("samples/<uuid:uuid>/", samples.sample, name="sample"),
    path("samples/<uuid:uuid>/edit/", sample_edit.sample_edit, name="sample-edit"),
    path(
        "samples/<uuid:uuid>/archive/",
        sample_edit.sample_archive,
        name="sample-archive",
    ),
    path("processes/new/", processes.process_new, name="process-new"),
    path("processes/<uuid:uuid>/", processes.process, name="process"),
    path("processes/<uuid:uuid>/edit/", processes.process_edit, name="process-edit"),
    path(
        "processes/<uuid:uuid>/archive/",
        processes.process_archive,
        name="process-archive",
    ),
    path("measurements/", measurements.measurement_list, name="measurements"),
    path("measurements/new/", measurements.measurement_new, name="measurement-new"),
    path(
        "measurements/technique/",
        measurements.technique_part,
        name="measurement-technique",
    ),
    path("measurements/<uuid:uuid>/", measurements.measurement, name="measurement"),
    path(
        "measurements/<uuid:uuid>/state/",
        measurements.measurement_state,
        name="measurement-state",
    ),
    path(
        "measurements/<uuid:uuid>/reader/",
        measurements.measurement_reader,
        name="measurement-reader",
    ),
    path(
        "measurements/<uuid:uuid>/archive/",
        measurements.measurement_archive,
        name="measurement-archive",
    ),
    path("measurements/<uuid:uuid>/runs/", measurements.run_new, name="run-new"),
    path("runs/<uuid:uuid>/", runs.run, name="run"),
    path("runs/<uuid:uuid>/state/", runs.run_state, name="run-state"),
    path("runs/<uuid:uuid>/cancel/", runs.run_cancel, name="run-cancel"),
    path("runs/<uuid:uuid>/decide/", runs.run_decide, name="run-decide"),
    path("explore/", relations.relation, name="relation"),
    path("materials/", materials.material_list, name="materials"),
    path("materials/new/", materials.material_new, name="material-new"),
    path("materials/<uuid:uuid>/", materials.material, name="material"),
    path("materials/<uuid:uuid>/edit/", materials.material_edit, name="material-edit"),
    path("projects/new/", projects.project_new, name="project-new"),
    path("projects/<slug:slug>/", projects.project, name="project"),
    path(
        "projects/<slug:slug>/members/",
        projects.project_members,
        name="project-members",
    ),
]

urlpatterns = [
    path("api/", include("labdata.site.api_urls")),
    path("", include((pages, "site"))),
]
