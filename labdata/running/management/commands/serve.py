"""Run web server, worker and scheduler together, on your own data."""

import sys

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from labdata.demo.load import USER as DEMO_USER
from labdata.running import supervisor

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Command(BaseCommand):
    help = "Runs web server, worker and scheduler until Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, help="instead of LABDATA_PORT")
        parser.add_argument(
            "--host",
            default="127.0.0.1",
            help="0.0.0.0 lets other machines in; name them in LABDATA_ALLOWED_HOSTS",
        )

    def handle(self, *, port, host, **options):
        def prepare():
            self.refuse_public_demo(host)
            self.first_user()

        sys.exit(supervisor.serve(port=port, host=host, prepare=prepare))

    def refuse_public_demo(self, host: str) -> None:
        """Keep the login that everybody knows on this machine."""
        if not get_user_model().objects.filter(username=DEMO_USER).exists():
            return
        if host not in LOOPBACK:
            raise CommandError(
                f"This lab has the demo's login, which everybody knows, so {host} is "
                "refused. Start a lab of your own with LABDATA_DATA_DIR."
            )
        self.stdout.write(
            "This is the demo lab, whose login everybody knows. For a lab of your "
            "own: LABDATA_DATA_DIR=~/labdata make run"
        )

    def first_user(self) -> None:
        """Ask for the first user, or say how to make one where nobody can answer."""
        if get_user_model().objects.exists():
            return
        if not sys.stdin.isatty():
            self.stdout.write(
                "Nobody can sign in yet. Make the first user with: "
                f"{sys.executable} manage.py createsuperuser"
            )
            return
        self.stdout.write("Nobody can sign in yet. Who is the first user?")
        try:
            call_command("createsuperuser")
        except (KeyboardInterrupt, SystemExit) as error:
            raise CommandError("No user was made, so nothing was started.") from error
