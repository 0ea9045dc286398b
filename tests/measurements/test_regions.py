"""Marked parts of maps, and the spectra they own."""

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from measurements import services
from measurements.arrays.rows import load_dataset, save_dataset
from tests.measurements.factories import make_measurement
from tests.samples.factories import make_project, make_sample, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def row(user, cube):
    """A map stored beside an uploaded spectrum."""
    measurement = make_measurement(user, make_sample(user, make_project(user)))
    return save_dataset(cube, measurement=measurement, name="map", identity="0" * 64)


def test_a_box_owns_the_mean_over_it(user, row, cube):
    region, owned = services.create_region(
        user=user,
        dataset=row,
        kind="box",
        label="grain 1",
        bounds={"x": [0.0, 0.15], "y": [0.0, 0.05]},
    )

    assert region.datasets.get() == owned
    expected = cube["counts"][:1, :2].mean(axis=(0, 1))
    np.testing.assert_allclose(load_dataset(owned)["counts"], expected)


def test_a_line_runs_from_start_to_end(user, row, cube):
    _, owned = services.create_region(
        user=user,
        dataset=row,
        kind="line",
        label="cut",
        bounds={"x": [0.0, 6.3], "y": [0.0, 6.3]},
    )

    diagonal = cube["counts"][np.arange(64), np.arange(64)].mean(axis=0)
    np.testing.assert_allclose(load_dataset(owned)["counts"], diagonal)


@pytest.mark.parametrize(
    ("kind", "bounds", "message"),
    [
        ("point", {"x": 70.0, "y": 0.0}, "0 to 6.3"),
        ("point", {"x": [0.0, 1.0], "y": 0.0}, "one value of x"),
        ("point", {"z": 0.0}, "there: y, x, wavelength"),
        ("box", {"x": "wide"}, "number or"),
        ("box", {"x": [0.0, 10**400]}, "number or"),
        ("box", {}, "at least one axis"),
        ("box", {"x": [0, 1], "y": [0, 1], "wavelength": [500, 600]}, "one axis"),
    ],
)
def test_bounds_that_mark_nothing_are_refused(user, row, kind, bounds, message):
    with pytest.raises(ValidationError) as refused:
        services.create_region(
            user=user, dataset=row, kind=kind, label="r", bounds=bounds
        )

    assert message in refused.value.message_dict["bounds"][0]
    assert not row.regions.exists()


def test_the_spectra_of_a_superseded_map_are_superseded_with_it(user, row):
    from measurements.services import reparse
    from tests.measurements.factories import read_files

    _, owned = services.create_region(
        user=user,
        dataset=row,
        kind="point",
        label="p",
        bounds={"x": 0.0, "y": 0.0},
    )

    reparse(user=user, measurement=row.measurement)
    read_files()

    owned.refresh_from_db()
    assert owned.superseded_at is not None
