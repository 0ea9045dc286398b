"""Files, measurements and the arrays parsed from them."""

from measurements.models.datasets import Dataset, Region
from measurements.models.files import Blob, File
from measurements.models.intakes import Intake, IntakeFile, Thumbnail
from measurements.models.measurements import Instrument, Measurement, Parsing

__all__ = [
    "Blob",
    "Dataset",
    "File",
    "Instrument",
    "Intake",
    "IntakeFile",
    "Measurement",
    "Parsing",
    "Region",
    "Thumbnail",
]
