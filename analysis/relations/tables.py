"""Relations as files: CSV and Parquet with the units beside the numbers."""

import io
import json
import uuid

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from labdata.common.variables import AGGREGATES

TEXT = pa.string()
NUMBER = pa.float64()
ENDINGS = {
    "uncertainty": NUMBER,
    "low": NUMBER,
    "high": NUMBER,
    "bound": TEXT,
    "flags": TEXT,
    "label": TEXT,
    "origin": TEXT,
    "source": TEXT,
    "run": TEXT,
}
COUNTS = ("count", "bounded", "simulated")
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def build_table(rows, names, columns, question):
    """An Arrow table of an answer.

    Parameters
    ----------
    rows : iterable of dict
    names : list of str
        The columns, in order.
    columns : list of dict
        What `describe_columns` says; becomes metadata of the fields, and the units
        become columns, since CSV has no other place for them.
    question : dict
        The parameters asked with, kept in the metadata of the file.
    """
    about = {column["name"]: column for column in columns}
    gathered = {name: [] for name in names}
    for row in rows:
        for name, values in gathered.items():
            values.append(_plain(row[name]))
    fields, arrays = [], []
    for name, values in gathered.items():
        kind = _type(name, about)
        spec = about.get(name)
        metadata = {k: str(v) for k, v in (spec or {}).items() if v is not None}
        fields.append(pa.field(name, kind, metadata=metadata or None))
        arrays.append(pa.array(values, kind))
        if spec and spec["unit"]:
            fields.append(pa.field(f"{name}_unit", TEXT))
            arrays.append(pa.array([spec["unit"]] * len(values), TEXT))
    asked = json.dumps(question, ensure_ascii=False)
    schema = pa.schema(fields, metadata={"labdata.question": asked})
    return pa.table(arrays, schema=schema)


def write_table(table, kind):
    """The bytes of a file of that kind."""
    buffer = io.BytesIO()
    if kind == "parquet":
        pyarrow.parquet.write_table(table, buffer, compression="zstd")
    else:
        pyarrow.csv.write_csv(table, buffer)
    return buffer.getvalue()


def _plain(value):
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, list):
        return ";".join(value)
    return value


def _type(name, about):
    if name in about:
        return NUMBER if about[name]["kind"] == "number" else TEXT
    if name in COUNTS:
        return pa.int64()
    if name in AGGREGATES:
        return NUMBER
    endings = (kind for end, kind in ENDINGS.items() if name.endswith(f"_{end}"))
    return next(endings, TEXT)
