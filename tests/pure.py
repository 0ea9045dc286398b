"""The packages that know no web framework, and mypy over every one of them."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def pure_packages() -> list[str]:
    """Names of the pure modules and packages, as the import contract lists them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    pure = next(one for one in contracts if one["type"] == "forbidden")
    return list(pure["source_modules"])


def main() -> int:
    named = [part for name in pure_packages() for part in ("-p", name)]
    command = [sys.executable, "-m", "mypy", *named]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
