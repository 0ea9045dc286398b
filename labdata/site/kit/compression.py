"""Pages and static files travel compressed, without a build step for anybody."""

import gzip
import hashlib
import os
import tempfile
from pathlib import Path
from wsgiref.headers import Headers

from django.conf import settings
from django.middleware.gzip import GZipMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

TEXT_SUFFIXES = {".css", ".js", ".mjs", ".svg", ".json", ".html", ".txt", ".map"}
SMALLEST = 1000
TEXT_TYPES = ("text/html", "text/csv", "application/json", "image/svg+xml")


class CompressText(GZipMiddleware):
    """Compresses answers that are text; raw files and arrays are left as they are.

    Random bytes of varying number in each answer, by Django, keep its length from
    telling what is in it. An answer with an ETag goes out as it is: a weakened tag
    would no longer say which version an edit is based on.
    """

    def process_response(self, request, response):
        kind = response.get("Content-Type", "").partition(";")[0]
        if kind not in TEXT_TYPES or response.streaming or response.has_header("ETag"):
            return response
        return super().process_response(request, response)


class CompressedStatic(WhiteNoiseMiddleware):
    """Serves static files, each compressed once when it is first asked for."""

    def __init__(self, get_response=None, settings=settings):
        super().__init__(get_response, settings)
        self._looked_at = set()
        self._folder = settings.LABDATA_DATA_DIR / "compressed"

    def __call__(self, request):
        url = request.path_info
        if not self.autorefresh and url in self.files and url not in self._looked_at:
            self._looked_at.add(url)
            self._compress(url)
        return super().__call__(request)

    def _compress(self, url):
        path = Path(self.files[url].alternatives[-1][1])
        is_text = path.suffix in TEXT_SUFFIXES
        if not is_text or path.stat().st_size < SMALLEST:
            return
        headers = Headers([])
        self.add_mime_headers(headers, str(path), url)
        self.add_cache_headers(headers, str(path), url)
        self.files[url] = StaticFile(
            str(path),
            headers.items(),
            encodings={"gzip": str(compressed_copy(path, self._folder))},
        )


def compressed_copy(path, folder):
    """The compressed copy of a file, made anew when the file has changed.

    Several web processes may do this at once: each writes beside and moves into place.
    """
    folder.mkdir(exist_ok=True)
    copy = folder / f"{hashlib.sha256(str(path).encode()).hexdigest()[:32]}.gz"
    changed = path.stat().st_mtime_ns
    if copy.exists() and copy.stat().st_mtime_ns == changed:
        return copy
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as beside:
        beside.write(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))
    os.utime(beside.name, ns=(changed, changed))
    Path(beside.name).replace(copy)
    return copy
