"""Print a new API token."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from labdata.common.people.tokens import issue_token


class Command(BaseCommand):
    help = "Create an API token for a user and print it, and nothing else."

    def add_arguments(self, parser):
        parser.add_argument("user", help="User name.")

    def handle(self, *, user, **options):
        person = get_user_model().objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"There is no user {user!r}.")
        _, token = issue_token(user=person, name="command line")
        self.stdout.write(token)
