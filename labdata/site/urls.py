"""The addresses of the pages, room by room, and the API beside them."""

from django.urls import include, path

from labdata.site.devices import urls as devices
from labdata.site.explore import urls as explore
from labdata.site.lab import urls as lab
from labdata.site.measurements import urls as measurements
from labdata.site.processes import urls as processes
from labdata.site.runs import urls as runs
from labdata.site.samples import urls as samples
from labdata.site.stability import urls as stability

ROOMS = (lab, samples, processes, devices, measurements, runs, explore, stability)
pages = [page for room in ROOMS for page in room.pages]

urlpatterns = [
    path("api/", include("labdata.site.api_urls")),
    path("", include((pages, "site"))),
]
