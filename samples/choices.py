"""What migrations of this app name: these names never move."""

from django.db import models


class Origin(models.TextChoices):
    """Where a number comes from."""

    COMPUTED = "computed", "Computed"
    ELSEWHERE = "elsewhere", "Analysed elsewhere"
    MANUAL = "manual", "Manual"
    INSTRUMENT = "instrument", "Stated by the instrument"
    REPORTED = "reported", "Reported"
    CALCULATED = "calculated", "Calculated"
    SIMULATED = "simulated", "Simulated"

    @property
    def trust(self) -> int:
        """Which answers for a quantity: the lowest number, of equal ones the newest."""
        return _TRUST[self]


_TRUST = {
    Origin.COMPUTED: 0,
    Origin.ELSEWHERE: 0,
    Origin.MANUAL: 1,
    Origin.INSTRUMENT: 2,
    Origin.REPORTED: 3,
    Origin.CALCULATED: 4,
    Origin.SIMULATED: 5,
}
