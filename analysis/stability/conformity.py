"""Whether an ageing test keeps to the ISOS protocol it claims, as recorded now."""

from django.core.exceptions import ValidationError

from analysis.named_quantities import TESTS
from analysis.stability import isos
from measurements.models import Dataset

TECHNIQUES = tuple(TESTS)


def recorded_conditions(measurement):
    """What is recorded of a whole test: of the measurement, or of all its datasets.

    A condition the datasets of one file disagree on is of none of them alone and is
    left out.
    """
    rows = Dataset.objects.current().filter(measurement=measurement, is_result=False)
    told = [
        (metadata or {}).get("conditions", {})
        for metadata in rows.values_list("metadata", flat=True)
    ]
    common = {
        key: value
        for key, value in (told[0].items() if told else ())
        if all(one.get(key) == value for one in told)
    }
    return common | {
        key: value
        for key, value in measurement.conditions.items()
        if value not in (None, "")
    }


def verdict_of(measurement, protocol=""):
    """Hold a test against a protocol, by default the one it claims.

    Parameters
    ----------
    measurement : Measurement
        Of one of `TECHNIQUES`.
    protocol : str
        A code in any spelling.

    Returns
    -------
    claimed : str
        As the test states it; empty where it claims none.
    verdict : isos.Verdict or None
        None where none is claimed and none was asked for.

    Raises
    ------
    ValidationError
        Under ``protocol``, if there is no such protocol, or the measurement is no
        ageing test.
    """
    if measurement.technique not in TECHNIQUES:
        raise ValidationError(
            {"protocol": f"{measurement} is no ageing test: ISOS says nothing of it."}
        )
    conditions = recorded_conditions(measurement)
    claimed = str(conditions.get("isos_protocol") or "").strip()
    asked = (protocol or "").strip() or claimed
    if not asked:
        return claimed, None
    try:
        return claimed, isos.verdict(asked, conditions)
    except ValueError as error:
        raise ValidationError({"protocol": str(error)}) from error


def fitting(measurement, most=3):
    """Protocols that what is recorded does not contradict, best first."""
    return isos.best_fitting(recorded_conditions(measurement))[:most]
