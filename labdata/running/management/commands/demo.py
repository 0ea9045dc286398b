"""Load the demo lab and run it."""

import ipaddress

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from labdata.demo import load_demo
from labdata.demo.load import PASSWORD, USER
from labdata.running import supervisor
from labdata.running.work_off import work_off

LOOPBACK_NAMES = {"localhost", "testserver"}


class Command(BaseCommand):
    help = "Load the demo lab (sign in as demo / demo) and serve it on this machine."

    def add_arguments(self, parser):
        parser.add_argument(
            "--no-serve",
            action="store_true",
            help="Load the demo lab, let a worker do its fits, and stop.",
        )
        parser.add_argument(
            "--small",
            action="store_true",
            help="Load one of each kind only: a few composites, devices and tests.",
        )
        parser.add_argument("--port", type=int, default=settings.LABDATA_PORT)

    def handle(self, *, no_serve, small, port, **options):
        _require_loopback()

        def load():
            load_demo(small=small, say=self.stdout.write)

        if no_serve:
            work_off(prepare=load, say=self.stdout.write)
            return
        banner = f"Sign in as {USER} / {PASSWORD}."
        if status := supervisor.serve(port=port, banner=banner, prepare=load):
            raise SystemExit(status)


def _require_loopback():
    """The demo's password is known to everyone: only this machine may try it."""
    for host in settings.ALLOWED_HOSTS:
        name = host.strip("[]")
        if name in LOOPBACK_NAMES:
            continue
        try:
            if ipaddress.ip_address(name).is_loopback:
                continue
        except ValueError:
            pass
        raise CommandError(
            f"The demo lab's login is public, and LABDATA_ALLOWED_HOSTS lets {host} "
            "in. Run it on this machine only, or use `make run` for your own lab."
        )
