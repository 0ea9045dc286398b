"""What ``make test`` runs: lint, checks, and the tests on both databases."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import cost, postgresql, schema, servers

ROOT = Path(__file__).resolve().parent.parent
LONGEST_TEST_SECONDS = 300


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Passes:
    """Run one command after the other and remember which of them failed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = {**os.environ, **environment}
        # Hundreds of processes start: compiled once, not by each of them.
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.failed: list[str] = []
        self.spent: dict[str, float] = {}

    def run(self, title: str, *command: str, **environment: str) -> None:
        say(f"=== {title}")
        began, spent = time.monotonic(), cost.spent()
        status = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        self.spent[title] = cost.spent() - spent
        if status:
            self.failed.append(f"{title} (status {status})")
            say(f"{title}: FAILED after {time.monotonic() - began:.0f} s")

    def pytest(self, title: str, *arguments: str, **environment: str) -> None:
        """Run the tests; the sum tells what this pass and those before it spent."""
        before = {**self.spent, "servers": cost.spent_by_living_children()}
        self.run(
            title,
            *("-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup"),
            *("--timeout", str(LONGEST_TEST_SECONDS)),
            *arguments,
            **{cost.SPENT_BEFORE: json.dumps(before)},
            **environment,
        )


def main() -> int:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="labdata-"))
        passes = Passes(
            {
                "LABDATA_DATA_DIR": folder,
                "LABDATA_SECRET_KEY": "for tests",
                schema.FOLDER: str(Path(folder, "schemas")),
            }
        )
        passes.run("ruff", "-m", "ruff", "check", ".")
        passes.run("format", "-m", "ruff", "format", "--check", ".")
        passes.run("imports", str(Path(sys.executable).parent / "lint-imports"))
        passes.run("types", "-m", "tests.pure")
        passes.run("check", "manage.py", "check", "--fail-level", "WARNING")
        passes.run("migrations", "manage.py", "makemigrations", "--check", "--dry-run")
        # A server that is missing here is tried, and its absence told, by the tests.
        with contextlib.suppress(servers.NoServer):
            url = stack.enter_context(servers.redis_server())
            passes.environment["LABDATA_TEST_REDIS_URL"] = url
        skipped = ""
        try:
            url = stack.enter_context(servers.postgres())
        except servers.NoServer as error:
            skipped = str(error)
            say(f"=== tests on PostgreSQL: SKIPPED, {skipped}")
        else:
            passes.environment["LABDATA_TEST_POSTGRES_URL"] = url
            passes.pytest(
                "tests on PostgreSQL",
                *("--postgresql", "chosen"),
                # Named, so that nothing else is looked at.
                *postgresql.REASONS,
                LABDATA_DATABASE_URL=url,
            )
        # The last pass is the full one, so that its summary is what is read last.
        passes.pytest("tests on SQLite", LABDATA_TEST_POSTGRES_SKIPPED=skipped)
    for title in passes.failed:
        say(f"FAILED: {title}")
    return 1 if passes.failed else 0


if __name__ == "__main__":
    sys.exit(main())
