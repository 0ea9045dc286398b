"""Entry point of the web server."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labdata.settings")
application = get_wsgi_application()
# Loaded before the web server forks: else each of its processes does so anew, while
# the first to ask for a page waits.
import_module(settings.ROOT_URLCONF)
