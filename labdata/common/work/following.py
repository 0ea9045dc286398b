"""Run a module as ``python -m`` does, bound to the supervisor from the first moment.

``python -m labdata.common.work.following celery -A labdata.celery beat`` ends with its
supervisor even while it still imports, which takes seconds on a busy machine.
"""

import runpy
import sys

from labdata.common.work import processes


def main() -> None:
    processes.follow_supervisor()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
