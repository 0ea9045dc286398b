"""A page that can import the scripts as they are served, without a lab around them."""

import contextlib
import functools
import http.server
import threading
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
POLICY = "; ".join(
    f"{name} {' '.join(sources)}"
    for name, sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
PAGE = """<!doctype html><html lang="en"><title>functions</title>
<link rel="stylesheet" href="/static/css/base/labdata.css">
<link rel="stylesheet" href="/static/css/base/figures.css">
<link rel="stylesheet" href="/static/vendor/uplot/uPlot.min.css">
<div class="figure" id="figure"><div class="area" tabindex="0"></div>
<output class="readout"></output></div>
<script src="/static/vendor/uplot/uPlot.iife.min.js"></script></html>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves static/, and an empty page for everything else, with the lab's policy."""

    def do_GET(self):
        if self.path.startswith("/static/"):
            super().do_GET()
            return
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    handler = functools.partial(Quiet, directory=ROOT)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def tab(browser, address):
    """One page for all functions; a script error in any of them fails the last test."""
    complaints = []
    with contextlib.closing(browser.new_context(color_scheme="light")) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: said.type == "error" and complaints.append(said.text),
        )
        page.goto(address)
        yield page
    # A favicon is all that this page may miss.
    assert [one for one in complaints if "404" not in one] == []


@pytest.fixture
def call(tab):
    """Call an exported function, or what an expression of ``f`` says to do with it."""

    def ask(module, name, *arguments, then="f(...given)"):
        return tab.evaluate(
            f"""async ([module, name, given]) => {{
                const f = (await import(`/static/js/${{module}}`))[name];
                return {then};
            }}""",
            [module, name, list(arguments)],
        )

    return ask
