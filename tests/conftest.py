"""What tests of every room share: servers, a running lab, a browser, real files."""

import os
import secrets
import shutil
from pathlib import Path

import pytest
import redis

from labdata.common.jobs import control
from tests import real_files, schema, servers
from tests.lab import Lab

pytest_plugins = ["tests.cost", "tests.strength", "tests.postgresql"]

PICTURES = "LABDATA_PICTURES"


def pytest_configure(config):
    config.addinivalue_line("markers", "chaos: kills processes; needs one pass only")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        if {"lab", "demo_lab"} & set(item.fixturenames):
            # One supervisor serves all of them, so one test process runs them.
            item.add_marker(pytest.mark.xdist_group("lab"))
        elif not item.get_closest_marker("xdist_group") and _shares_a_world(item):
            # What one file builds for all of its tests is built in one process.
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def _shares_a_world(item) -> bool:
    """Whether a test uses something that is made once for its file."""
    definitions = item._fixtureinfo.name2fixturedefs
    return any(
        definitions[name][-1].scope == "module"
        for name in item.fixturenames
        if name in definitions
    )


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment, django_db_modify_db_settings, django_db_blocker
):
    """The tests' database, a copy of one that was migrated once."""
    from django.db import connection

    with django_db_blocker.unblock(), schema.copied_for(connection):
        yield


@pytest.fixture(scope="module")
def commit(django_db_setup, django_db_blocker):
    """Builds what all tests of a file read, once; after the file it is gone.

    Work in other threads and processes sees it, as it does not what a test leaves
    open. The tests themselves are rolled back.
    """
    from django.db import connection

    def build(function, *arguments):
        with django_db_blocker.unblock():
            return function(*arguments)

    yield build
    with django_db_blocker.unblock():
        schema.renew(connection)


def pytest_terminal_summary(terminalreporter):
    if reason := os.environ.get("LABDATA_TEST_POSTGRES_SKIPPED"):
        terminalreporter.write_line(f"SKIPPED the pass on PostgreSQL: {reason}")


@pytest.fixture(scope="session")
def real_file():
    """Finds a file an instrument wrote by its pattern; what is nowhere is skipped."""
    return real_files.find


@pytest.fixture(autouse=True)
def heartbeat_at_rest(request, monkeypatch):
    """Let no heartbeat strike work whose rows it cannot see.

    A heartbeat has a connection of its own. To it, the job of a test that is rolled
    back does not exist, so work that takes longer than a beat would be called lost.
    """
    marker = request.node.get_closest_marker("django_db")
    seen_by_others = "transactional_db" in request.fixturenames or (
        marker is not None and marker.kwargs.get("transaction")
    )
    if not seen_by_others:
        monkeypatch.setattr(control, "TICK_SECONDS", 3600.0)


@pytest.fixture(scope="session")
def redis_server():
    try:
        with servers.redis_server() as url:
            yield url
    except servers.NoServer as error:
        pytest.skip(str(error))


@pytest.fixture
def redis_url(redis_server) -> str:
    """An empty Redis database that no other test process uses."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    url = f"{redis_server.rpartition('/')[0]}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(scope="session")
def postgres_server():
    try:
        with servers.postgres() as url:
            yield url
    except servers.NoServer as error:
        pytest.skip(str(error))


@pytest.fixture
def postgres_url(postgres_server):
    """A migrated PostgreSQL database, for labs that run in processes of their own."""
    name = f"lab_{secrets.token_hex(4)}"
    with schema.postgres_copy(postgres_server, schema.LAB, name) as url:
        yield url


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A running lab without data: its address, its commands, tokens for its users."""
    lab = Lab(tmp_path_factory.mktemp("lab") / "data")
    try:
        lab.place_schema()
        lab.start()
        yield lab
    finally:
        lab.destroy()


@pytest.fixture(scope="session")
def demo_lab(tmp_path_factory):
    """A running demo lab with its work done; tests leave it as it is.

    It is the small one, but for the pictures that the docs keep.
    """
    lab = Lab(tmp_path_factory.mktemp("demo") / "data")
    try:
        lab.place_schema()
        lab.start("demo", *([] if PICTURES in os.environ else ["--small"]))
        lab.wait_for_work("demo")
        yield lab
    finally:
        lab.destroy()


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, driven through Playwright."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if not executable:
        pytest.skip("chromium is not installed")
    playwright_api = pytest.importorskip("playwright.sync_api")
    # Playwright keeps an event loop in this thread, which Django would refuse.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable,
            headless=True,
            args=[
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def picture(tmp_path_factory):
    """Photographs a page or a part of it; `make pictures` keeps them for the docs."""
    wanted = os.environ.get(PICTURES)
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("pictures")

    def take(what, name, **options):
        path = folder / f"{name}.png"
        what.screenshot(path=path, **options)
        return path

    return take


@pytest.fixture
def page(browser):
    """An empty tab; a script error or a breach of the content policy fails the test."""
    complaints = []

    def listen(message):
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    context = browser.new_context()
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", listen)
    yield page
    context.close()
    assert not complaints
