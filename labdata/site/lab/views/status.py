"""What this lab runs with: versions, and the packages that add to it."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from analysis.contract.plugins import REGISTRIES, installed
from analysis.runs.environment import describe_environment


@login_required
def status(request):
    plugins = [
        {
            "plugin": one,
            "adds": [(kind, keys) for kind in REGISTRIES if (keys := one.adds(kind))],
        }
        for one in installed()
    ]
    context = {
        "plugins": plugins,
        "broken": [one["plugin"] for one in plugins if one["plugin"].is_broken],
        "versions": describe_environment(),
    }
    return render(request, "lab/status.html", context)
