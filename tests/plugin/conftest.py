"""The package of a lab is put through its tests as it would be installed."""

from importlib.util import find_spec

# Only in a process whose path holds the package, which `test_package` starts.
collect_ignore = ["package"]
if find_spec("lab_maps") is None:
    collect_ignore.append("installed")
