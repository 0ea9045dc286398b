"""What is recorded of a whole test: that on which all its datasets agree."""

import pytest

from analysis.stability.conformity import recorded_conditions
from measurements.models import Dataset
from tests.measurements.factories import make_measurement
from tests.samples.factories import make_project, make_sample, make_user

pytestmark = pytest.mark.django_db

HOURS = range(0, 40, 2)
TRACK = "\n".join(
    [
        "Time (h),PCE A (%),PCE B (%)",
        *(f"{h},{20 - h / 50},{19 - h / 50}" for h in HOURS),
    ]
)


@pytest.mark.parametrize(
    ("of_the_whole", "source", "of_the_datasets", "expected"),
    [
        (25, "person", (65, 85), 25),
        (25, "file", (65, 65), 65),
        (25, "file", (65, 85), None),
        (25, "file", (65, None), None),
        (65, "file", (65, None), 65),
        (25, "file", (None, None), 25),
        (None, None, (65, 65), 65),
        (None, None, (65, 85), None),
        (None, None, (None, 65), None),
        ("", "file", (None, None), None),
    ],
)
def test_a_persons_word_holds_else_that_on_which_the_datasets_agree(
    of_the_whole, source, of_the_datasets, expected
):
    user = make_user()
    device = make_sample(user, make_project(user), "D-1", kind="device")
    test = make_measurement(
        user, device, data=TRACK.encode(), name="track.csv", technique="mpp_tracking"
    )
    rows = list(Dataset.objects.filter(measurement=test).order_by("pk"))
    assert len(rows) == 2
    for row, value in zip(rows, of_the_datasets, strict=True):
        own = {} if value is None else {"temperature": value}
        Dataset.objects.filter(pk=row.pk).update(metadata={"conditions": own})
    test.conditions, test.sources = {}, {}
    if of_the_whole is not None:
        test.conditions["temperature"] = of_the_whole
        test.sources["temperature"] = source

    assert recorded_conditions(test).get("temperature") == expected
