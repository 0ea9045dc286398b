"""How a layer was made, in the words of a methods section."""

from labdata.common.measures.numbers import format_measured


def layer_conditions(layer):
    """What is known of making a described layer, a phrase for each kind of it."""
    rate = layer.get("rate")
    told = [
        _solution(layer.get("solution") or {}),
        *(_step(step) for step in layer.get("steps") or ()),
        f"at {_number(rate, 'Å/s')}" if rate is not None else "",
        *(_segment(segment) for segment in layer.get("program") or ()),
        str(layer.get("notes") or ""),
    ]
    return [words for words in told if words]


def _number(value, unit=""):
    if isinstance(value, str):
        return value
    return format_measured(value, unit=unit, significant=6)


def _solution(solution):
    solutes = [
        f"{_number(one['concentration'], one.get('unit') or '')} {one['name']}"
        if one.get("concentration") is not None
        else str(one["name"])
        for one in solution.get("solutes") or ()
        if one.get("name")
    ]
    solvents = _solvents(solution.get("solvents") or ())
    words = " and ".join(solutes)
    if solvents:
        words = f"{words} in {solvents}" if words else f"from {solvents}"
    if solution.get("volume") is not None:
        volume = _number(solution["volume"], "µL")
        words = f"{words}, {volume}" if words else volume
    return words


def _solvents(solvents):
    names = [str(one["name"]) for one in solvents if one.get("name")]
    shares = [one.get("fraction") for one in solvents if one.get("name")]
    if len(names) < 2:
        return "".join(names)
    if any(share is None for share in shares):
        return " and ".join(names)
    return f"{':'.join(names)} ({':'.join(_number(share) for share in shares)})"


def _step(step):
    words = _number(step["speed"], "rpm") if step.get("speed") is not None else ""
    if step.get("duration") is not None:
        duration = _number(step["duration"], "s")
        words = f"{words} for {duration}" if words else duration
    if step.get("acceleration") is not None:
        words = f"{words} at {_number(step['acceleration'], 'rpm/s')}".strip()
    antisolvent = step.get("antisolvent") or ""
    if step.get("antisolvent_volume") is not None:
        volume = _number(step["antisolvent_volume"], "µL")
        antisolvent = f"{volume} {antisolvent or 'antisolvent'}"
    if step.get("antisolvent_time") is not None:
        after = _number(step["antisolvent_time"], "s")
        antisolvent = f"{antisolvent or 'antisolvent'} after {after}"
    return ", ".join(part for part in (words, antisolvent) if part)


def _segment(segment):
    end, dwell = segment.get("end_temperature"), segment.get("dwell")
    words = _number(end, "°C") if end is not None else ""
    if dwell is not None:
        minutes = _number(dwell, "min")
        words = f"{words} for {minutes}" if words else minutes
    if segment.get("atmosphere"):
        words = f"{words} in {segment['atmosphere']}".strip()
    return words
