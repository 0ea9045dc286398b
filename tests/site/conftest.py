"""A signed-in person with a project, and one measured, fitted sample."""

import copy
import io

import pytest

import measurements.services
from analysis.contract.registry import analyses
from labdata.common.jobs.runner import execute_queued
from labdata.common.people.access import Role
from measurements.registry import techniques
from tests.samples.factories import (
    add_member,
    make_materials,
    make_project,
    make_sample,
    make_user,
)
from tests.site.worlds.spectra import spectrum
from tests.site.worlds.world import build_world


@pytest.fixture(scope="session", autouse=True)
def compiled_fit():
    """Compile the fit once, outside any test's transaction, which it would hold up."""
    analyses["pl_gaussians"].apply(techniques["pl"].example())


@pytest.fixture(scope="module")
def built_world(compiled_fit, commit):
    """Two projects with one of everything, built once for a file."""
    return commit(build_world)


@pytest.fixture
def world(built_world, db):
    """The two projects; what a test does to them is rolled back."""
    return copy.deepcopy(built_world)


@pytest.fixture
def ada(db, client):
    user = make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def project(ada):
    return make_project(ada, "glasses")


@pytest.fixture
def grace(project):
    """A second contributor of the project."""
    user = make_user("grace")
    add_member(project, user)
    return user


@pytest.fixture
def viewer(project):
    user = make_user("viewer")
    add_member(project, user, Role.VIEWER)
    return user


@pytest.fixture
def sample(ada, project):
    make_materials(ada, project)
    return make_sample(ada, project, "C-25", composition="(CsPbI3)0.25(agZIF-62)0.75")


@pytest.fixture
def measure(ada):
    """Log a PL measurement of a sample and let the work be done."""

    def log(sample, data=None, name="pl.csv", **values):
        row = measurements.services.create_measurement(
            user=ada,
            sample=sample,
            technique="pl",
            files=[(name, io.BytesIO(spectrum() if data is None else data))],
            **values,
        )
        execute_queued()
        row.refresh_from_db()
        return row

    return log


@pytest.fixture
def run(sample, measure):
    return measure(sample).runs.get()
