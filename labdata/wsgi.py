"""Entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labdata.settings")
application = get_wsgi_application()
# Loaded before the web server forks: else each of its processes does so anew, while
# the first to ask for a page waits.
get_resolver().url_patterns  # noqa: B018  (a property that loads)
