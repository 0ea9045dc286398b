"""Settings of the tests: a folder and a broker of their own, and one more app."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "LABDATA_DATA_DIR" not in os.environ:
    os.environ["LABDATA_DATA_DIR"] = tempfile.mkdtemp(prefix="labdata-test-")
    atexit.register(shutil.rmtree, os.environ["LABDATA_DATA_DIR"], ignore_errors=True)
# Two test processes that shared a store would read what the other one damages.
if os.environ.get("PYTEST_XDIST_WORKER") != os.environ.get("LABDATA_TEST_PROCESS"):
    os.environ["LABDATA_TEST_PROCESS"] = os.environ["PYTEST_XDIST_WORKER"]
    os.environ["LABDATA_DATA_DIR"] = str(
        Path(os.environ["LABDATA_DATA_DIR"], os.environ["LABDATA_TEST_PROCESS"])
    )
os.environ.setdefault("LABDATA_BROKER_URL", "memory://")

from labdata.settings import *  # noqa: F403
from labdata.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.common.jobs.testapp"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A worker started by a test works in the database of that test.
if "LABDATA_TEST_DATABASE" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["LABDATA_TEST_DATABASE"]
