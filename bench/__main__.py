"""Run every benchmark of this folder, each in a process of its own."""

import subprocess
import sys
from pathlib import Path


def main() -> int:
    missed = []
    for script in sorted(Path(__file__).parent.glob("[!_]*.py")):
        print(f"=== {script.stem}", flush=True)
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            missed.append(script.stem)
    print(f"missed their goals: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
