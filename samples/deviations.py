"""What a process did otherwise than the protocol it followed says."""

from dataclasses import dataclass

from samples.thermal import KEYS, UNITS

LABELS = {
    "start_temperature": "from",
    "end_temperature": "to",
    "ramp": "ramp",
    "dwell": "dwell",
    "atmosphere": "atmosphere",
    "gas_flow": "gas flow",
    "pressure": "pressure",
    "cooling": "cooling",
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference; None where the one or the other says nothing."""

    what: str
    said: object
    did: object
    unit: str = ""


def deviations(process):
    """Compare a process with its protocol as it stood when it was followed."""
    if process.protocol is None:
        return []
    protocol = process.protocol.at_version(process.protocol_version)
    if protocol is None:
        return []
    return [
        *_of_programs(protocol.program, list(process.program.all())),
        *_of_parameters(protocol.parameters, process.parameters),
    ]


def _of_programs(said, did):
    for index in range(max(len(said), len(did))):
        step = f"step {index + 1}"
        if index >= len(did):
            yield Deviation(step, "as in the protocol", "left out")
        elif index >= len(said):
            yield Deviation(step, None, str(did[index]))
        else:
            for key in KEYS:
                wanted, was = said[index].get(key), getattr(did[index], key) or None
                if getattr(did[index], key) == 0:
                    was = 0.0
                if wanted != was:
                    label = f"{step}, {LABELS[key]}"
                    yield Deviation(label, wanted, was, UNITS.get(key, ""))


def _of_parameters(said, did):
    for name in dict.fromkeys([*said, *did]):
        wanted, was = said.get(name), did.get(name)
        if wanted != was:
            yield Deviation(name, _told(wanted), _told(was))


def _told(value):
    if isinstance(value, dict):
        return f"{value['value']:g} {value['unit']}"
    return value
