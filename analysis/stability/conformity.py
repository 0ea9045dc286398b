"""Whether an ageing test keeps to the ISOS protocol it claims, as recorded now."""

from django.core.exceptions import ValidationError

from analysis.named_quantities import TESTS
from analysis.stability import isos
from measurements.models import Dataset
from measurements.reading.conditions import conditions_in_force

TECHNIQUES = tuple(TESTS)


def recorded_conditions(measurement):
    """What is recorded of a whole test: what holds for each of its datasets.

    A condition they disagree on is left out, unless a person said it of them all.
    """
    rows = Dataset.objects.current().filter(measurement=measurement, is_result=False)
    of_each = [
        (metadata or {}).get("conditions", {})
        for metadata in rows.values_list("metadata", flat=True)
    ]
    first, *others = [conditions_in_force(measurement, own) for own in of_each or [{}]]
    return {
        key: value
        for key, value in first.items()
        if value not in (None, "") and all(one.get(key) == value for one in others)
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
