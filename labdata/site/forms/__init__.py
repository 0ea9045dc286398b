"""Forms of the pages: what is typed stays typed, errors stand at the fields."""

from labdata.site.forms.logging import LogForm
from labdata.site.forms.materials import MaterialForm
from labdata.site.forms.pieces import SplitForm
from labdata.site.forms.processes import MakingForm, ProcessForm
from labdata.site.forms.protocols import ProtocolForm
from labdata.site.forms.runs import DecisionForm, RunForm
from labdata.site.forms.samples import SampleForm
from labdata.site.forms.work import (
    MeasurementForm,
    MemberForm,
    ProjectForm,
    ReaderForm,
)

__all__ = [
    "DecisionForm",
    "LogForm",
    "MakingForm",
    "MaterialForm",
    "MeasurementForm",
    "MemberForm",
    "ProcessForm",
    "ProjectForm",
    "ProtocolForm",
    "ReaderForm",
    "RunForm",
    "SampleForm",
    "SplitForm",
]
