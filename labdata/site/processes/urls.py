"""The addresses of the pages of processes and protocols."""

from django.urls import path

from labdata.site.kit.acts import understood
from labdata.site.processes.views import processes, protocols

pages = [
    path("processes/", processes.process_list, name="processes"),
    path("processes/new/", processes.process_new, name="process-new"),
    path("processes/understood/", understood.process, name="understood-process"),
    path("processes/<uuid:uuid>/", processes.process, name="process"),
    path("processes/<uuid:uuid>/edit/", processes.process_edit, name="process-edit"),
    path(
        "processes/<uuid:uuid>/archive/",
        processes.process_archive,
        name="process-archive",
    ),
    path("processes/<uuid:uuid>/done/", processes.process_done, name="process-done"),
    path("protocols/", protocols.protocol_list, name="protocols"),
    path("protocols/new/", protocols.protocol_new, name="protocol-new"),
    path("protocols/fill/", understood.fill_in, name="protocol-fill"),
    path("protocols/<uuid:uuid>/", protocols.protocol, name="protocol"),
    path("protocols/<uuid:uuid>/edit/", protocols.protocol_edit, name="protocol-edit"),
    path(
        "protocols/<uuid:uuid>/archive/",
        protocols.protocol_archive,
        name="protocol-archive",
    ),
]
