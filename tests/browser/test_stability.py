"""The board of tests and survival in a real browser."""

import pytest

from tests.browser.desk import PASSWORD, faults_of, sign_in

pytestmark = pytest.mark.browser

LOGGED = """
import io
import numpy as np
from django.contrib.auth import get_user_model
from labdata.common.people import projects
from labdata.common.jobs.runner import execute_queued
from measurements import services
from samples.services import create_sample
user = get_user_model().objects.get(username="sue")
project = projects.create_project(user=user, slug="ageing", name="Ageing")
for number, lifetime in enumerate((150, 400, 4000)):
    sample = create_sample(
        user=user, project=project, code=f"AGE-{number}", kind="device"
    )
    time = np.arange(0.0, 300.0)
    pce = 20 * 0.8 ** (time / lifetime)
    pce += np.random.default_rng(number).normal(0, 0.3, time.size)
    rows = "".join(f"{t},{y:.4f}\\n" for t, y in zip(time, pce))
    services.create_measurement(
        user=user,
        sample=sample,
        technique="mpp_tracking",
        files=[("track.csv", io.BytesIO(f"time (h),pce (%)\\n{rows}".encode()))],
        conditions={"isos_protocol": "ISOS-L-1"},
    )
execute_queued()
"""


@pytest.fixture(scope="module")
def workplace(browser, lab):
    """A person whose project has three cells under test."""
    lab.create_user("sue", PASSWORD)
    lab.manage("shell", "--no-imports", "-c", LOGGED)
    return lab


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["desk", "phone"])
def tab(request, browser, workplace):
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    yield sign_in(context.new_page(), workplace, "sue")
    context.close()


def serious(page):
    return faults_of(page, only=("serious", "critical"))


def test_the_board_fits_and_can_be_used_by_everyone(tab, workplace):
    tab.goto(f"{workplace.url}/stability/")
    tab.wait_for_selector(".board .spark-data")

    assert tab.locator(".board tbody tr").count() == 3
    assert serious(tab) == []


def test_survival_fits_and_can_be_used_by_everyone(tab, workplace):
    tab.goto(f"{workplace.url}/stability/survival/")
    tab.wait_for_selector("#survival-y")

    assert serious(tab) == []
