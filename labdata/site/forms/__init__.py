"""Forms of the pages: what is typed stays typed, errors stand at the fields."""

from labdata.site.forms.records import MaterialForm, ProcessForm, SampleForm
from labdata.site.forms.runs import DecisionForm, RunForm
from labdata.site.forms.work import (
    MeasurementForm,
    MemberForm,
    ProjectForm,
    ReaderForm,
)

__all__ = [
    "DecisionForm",
    "MaterialForm",
    "MeasurementForm",
    "MemberForm",
    "ProcessForm",
    "ProjectForm",
    "ReaderForm",
    "RunForm",
    "SampleForm",
]
