"""The addresses of the pages of runs and values."""

from django.urls import path

from labdata.site.runs.views import compare, lists, run, values

pages = [
    path("samples/<uuid:uuid>/values/new/", values.value_new, name="value-new"),
    path("values/understood/", values.value_understood, name="value-understood"),
    path("values/<uuid:uuid>/", values.value, name="value"),
    path("values/<uuid:uuid>/decide/", values.value_decide, name="value-decide"),
    path("runs/", lists.run_list, name="runs"),
    path("runs/states/", lists.runs_states, name="runs-states"),
    path("runs/judge/", lists.runs_judge, name="runs-judge"),
    path("runs/compare/", compare.runs_compare, name="runs-compare"),
    path("runs/again/", lists.runs_again, name="runs-again"),
    path("runs/decide/", lists.runs_decide, name="runs-decide"),
    path("runs/undo/", lists.runs_undo, name="runs-undo"),
    path("runs/cancel/", lists.runs_cancel, name="runs-cancel"),
    path("runs/<uuid:uuid>/", run.run, name="run"),
    path("runs/<uuid:uuid>/data/", run.run_data, name="run-data"),
    path("runs/<uuid:uuid>/again/", run.run_again, name="run-again"),
    path("runs/<uuid:uuid>/state/", run.run_state, name="run-state"),
    path("runs/<uuid:uuid>/cancel/", run.run_cancel, name="run-cancel"),
    path("runs/<uuid:uuid>/decide/", run.run_decide, name="run-decide"),
]
