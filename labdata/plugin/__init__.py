"""What techniques, readers and analyses are declared with: the one public surface.

Built-in ones import from here and so does the private package of a lab. It needs numpy
alone and knows nothing of databases and pages; registering, storing and running is the
work of the apps.
"""

from labdata.plugin.analysis import (
    Analysis,
    Input,
    Progress,
    analysis,
    finite_curve,
    no_progress,
)
from labdata.plugin.dataset import Axis, Channel, Coordinate, Dataset, Region
from labdata.plugin.drawings import (
    Band,
    Data,
    Drawing,
    Image,
    Layer,
    Line,
    Mark,
    Marks,
    Points,
)
from labdata.plugin.errors import (
    AnalysisError,
    FitFailed,
    InvalidDataset,
    InvalidResult,
    ParameterError,
    UnreadableFile,
    UnsuitableData,
)
from labdata.plugin.estimates import Estimate, LabelledEstimate, Missing
from labdata.plugin.fits import (
    Fit,
    LeftOut,
    Search,
    Statistic,
    least_squares_statistics,
    rows_of,
)
from labdata.plugin.flags import Flag, RaisedFlag
from labdata.plugin.package import CONTRACT, Plugin
from labdata.plugin.parameters import parameter
from labdata.plugin.quantity import Quantity
from labdata.plugin.reader import (
    ParsedDataset,
    Reader,
    ReadResult,
    Recognition,
    Sniff,
    Source,
)
from labdata.plugin.result import Result
from labdata.plugin.tables import (
    Candidate,
    Cell,
    Column,
    Comparison,
    Definition,
    Detail,
    Interval,
    Number,
    Parameter,
    Table,
)
from labdata.plugin.technique import (
    AxisSpec,
    Branches,
    ChannelSpec,
    Condition,
    Figure,
    Technique,
    unit_of,
)
from labdata.plugin.validation import problems_of

__all__ = [
    "CONTRACT",
    "Analysis",
    "AnalysisError",
    "Axis",
    "AxisSpec",
    "Band",
    "Branches",
    "Candidate",
    "Cell",
    "Channel",
    "ChannelSpec",
    "Column",
    "Comparison",
    "Condition",
    "Coordinate",
    "Data",
    "Dataset",
    "Definition",
    "Detail",
    "Drawing",
    "Estimate",
    "Figure",
    "Fit",
    "FitFailed",
    "Flag",
    "Image",
    "Input",
    "Interval",
    "InvalidDataset",
    "InvalidResult",
    "LabelledEstimate",
    "Layer",
    "LeftOut",
    "Line",
    "Mark",
    "Marks",
    "Missing",
    "Number",
    "Parameter",
    "ParameterError",
    "ParsedDataset",
    "Plugin",
    "Points",
    "Progress",
    "Quantity",
    "RaisedFlag",
    "ReadResult",
    "Reader",
    "Recognition",
    "Region",
    "Result",
    "Search",
    "Sniff",
    "Source",
    "Statistic",
    "Table",
    "Technique",
    "UnreadableFile",
    "UnsuitableData",
    "analysis",
    "finite_curve",
    "least_squares_statistics",
    "no_progress",
    "parameter",
    "problems_of",
    "rows_of",
    "unit_of",
]
