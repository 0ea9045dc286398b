"""Run web server, worker and scheduler together, on your own data."""

import sys

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command

from labdata.site import supervisor


class Command(BaseCommand):
    help = "Runs web server, worker and scheduler until Ctrl-C."
    # The supervisor takes port and lock first; migrations come before checks of data.
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, help="instead of LABDATA_PORT")
        parser.add_argument(
            "--host",
            default="127.0.0.1",
            help="0.0.0.0 lets other machines in; name them in LABDATA_ALLOWED_HOSTS",
        )

    def handle(self, *, port, host, **options):
        sys.exit(supervisor.serve(port=port, host=host, prepare=self.first_user))

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
