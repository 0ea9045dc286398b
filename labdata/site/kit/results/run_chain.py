"""The way from a number back to the bytes and the act it came from, on one line."""

from samples.models import ProcessOutput


def chain_of(run, value=None):
    """The links from a value, or all values of a run, to the sample's making.

    Returns
    -------
    dict
        ``run``, ``value``, ``entries`` (datasets with their files), ``files`` (each
        once), ``measurement``, ``sample``, ``cell`` and ``process``, as
        ``runs/chain.html`` draws them.
    """
    measurement = run.measurement
    entries = list(run.inputs.select_related("dataset__file__blob"))
    return {
        "run": run,
        "value": value,
        "entries": entries,
        "files": list(
            dict.fromkeys(one.dataset.file for one in entries if one.dataset.file)
        ),
        "measurement": measurement,
        "sample": measurement.sample,
        "cell": run.cell,
        "process": _maker(measurement.sample),
    }


def _maker(sample):
    """The process that made a sample, the last link of the chain."""
    found = ProcessOutput.objects.filter(sample=sample).select_related("process")
    output = found.filter(process__archived_at__isnull=True).first()
    return output.process if output else None
