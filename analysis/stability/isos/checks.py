"""How a recorded condition is compared with what a protocol asks for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from labdata.common.text.number import PLAIN, parse_plain

Conditions = Mapping[str, Any]
Outcome = Literal["conforms", "fails", "undecidable"]
Answer = tuple[Outcome, str, str]
"""The outcome, what was recorded in words, and the reason."""

UNSTATED = "not stated"

DARK = re.compile(r"\b(dark|darkness|none|no light|unlit|without light)\b")
SIMULATOR = re.compile(
    r"simulat(or|ed)|artificial sun|am ?1\.5|xenon|metal halide|sul(ph|f)ur plasma"
)
SUNLIGHT = re.compile(r"\b(sunlight|natural (sun)?light|outdoors?|daylight)\b")
ONLY_ULTRAVIOLET = re.compile(
    r"\buv(-?[abc])?[ -]?(led|lamp|light|tube|diode|torch|fluorescent)"
    r"|^uv(-?[abc])?\b(?![- ]?(filter|free|cut|block|incl|excl|vis))"
    r"|\bultraviolet (led|lamp|light|tube)|^ultraviolet\b|\b365 ?nm"
)
INERT = re.compile(
    r"\b(n2|n₂|nitrogen|ar|argon|he|helium|inert|glove ?box|vacuum)\b|n₂"
)
AIR = re.compile(r"\b(ambient|air|room|lab)\b")
AMBIENT = re.compile(r"\b(ambient|uncontrolled|not controlled|outdoors?|room)\b")
CONTROLLED = re.compile(
    r"\b(controlled|thermostat\w*|hot ?plate|chamber|oven|peltier|constant|heated)\b"
)
BIAS = re.compile(
    r"\bv[ _]?mpp?\b|\bv[ _]?max\b|\bv[ _]?oc\b|\bj[ _]?sc\b|\bj[ _]?mpp?\b"
    r"|maximum power|open[- ]circuit voltage|short[- ]circuit current"
)
# A number is looked for where its digits begin, not once more behind each of them.
_NUMBER = rf"(?<!\d)({PLAIN})"
_UNIT = r"(h|hours?|min|minutes?)\b"
_TIME = re.compile(rf"{_NUMBER} ?{_UNIT}")
_UNIT_OF_TIME = re.compile(rf"\s*{_UNIT}")
_LIGHT_TO_DARK = re.compile(rf"{_NUMBER}\s*:\s*({PLAIN})")
_NUMBER_WITH_UNIT = re.compile(rf"([+-]?{PLAIN})(?:\s*(?:%|°?c|mw/cm²))?")
_MINUS = re.compile(r"(^|\bto |\band |[(/\[]|\s)[\u2010-\u2015\u2212-](?=\d)")
_RANGE = re.compile(
    rf"(~?(?<!\d){PLAIN})(?:\s*(?:°\s*c|℃|c\b))?\s*"
    rf"(?:to|and|/|→|->|…|\.\.\.?|[\u2010-\u2015\u2212-])\s*(~?{PLAIN})"
)
LOADS = {
    "mpp_tracking": "maximum power point tracking",
    "fixed_resistor": "a fixed resistor",
    "fixed_voltage": "a fixed voltage",
    "open_circuit": "open circuit",
    "short_circuit": "short circuit",
    "none": "nothing connected",
}
LAMP_KEYS = ("light_source", "light_spectrum")


def text_of(conditions: Conditions, key: str) -> str:
    """Return a condition as lower-case text, empty where it is not stated."""
    value = conditions.get(key)
    return "" if value is None else str(value).strip().lower()


def number_of(conditions: Conditions, key: str) -> float | None:
    """Return a condition as a number, None where it is not stated or is a word."""
    value = conditions.get(key)
    if isinstance(value, str):
        match = _NUMBER_WITH_UNIT.fullmatch(value.strip().lower())
        value = float(parse_plain(match[1])) if match else None
    if value is None or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)


def lamp_in_words(conditions: Conditions) -> str:
    """Return what was recorded about the light."""
    words = [text_of(conditions, key) for key in LAMP_KEYS]
    ultraviolet = text_of(conditions, "uv")
    if ultraviolet:
        words.append(f"UV {ultraviolet}")
    intensity = number_of(conditions, "intensity")
    if intensity is not None:
        words.append(f"{intensity:g} mW/cm²")
    return ", ".join(word for word in words if word) or UNSTATED


def is_dark(conditions: Conditions) -> bool | None:
    """Whether the test was in the dark; None where nothing says so."""
    intensity = number_of(conditions, "intensity")
    if intensity is not None:
        return intensity == 0
    stated = [words for key in LAMP_KEYS if (words := text_of(conditions, key))]
    if stated:
        return DARK.search(stated[0]) is not None
    if text_of(conditions, "uv") == "only":
        return False
    return True if DARK.fullmatch(text_of(conditions, "light_cycle")) else None


def is_only_ultraviolet(conditions: Conditions) -> bool:
    if text_of(conditions, "uv") == "only":
        return True
    lamps = [text_of(conditions, key) for key in LAMP_KEYS]
    if any(SIMULATOR.search(words) for words in lamps):
        return False
    return any(ONLY_ULTRAVIOLET.search(words) for words in lamps)


def dark(conditions: Conditions) -> Answer:
    recorded, found = lamp_in_words(conditions), is_dark(conditions)
    if found is None:
        return "undecidable", recorded, "Whether there was light is not stated."
    if found:
        return "conforms", recorded, "The test was in the dark."
    return "fails", recorded, "The cell was under light."


def simulator(
    conditions: Conditions,
    low: float | None = None,
    high: float | None = None,
    tolerance: float = 0.0,
) -> Answer:
    recorded = lamp_in_words(conditions)
    if is_dark(conditions):
        return "fails", recorded, "The test was in the dark."
    if is_only_ultraviolet(conditions):
        return "fails", recorded, "The lamp gives only ultraviolet, not sunlight."
    intensity = number_of(conditions, "intensity")
    if (
        low is not None
        and high is not None
        and intensity is not None
        and not low * (1 - tolerance) <= intensity <= high * (1 + tolerance)
    ):
        asked = f"{10 * low:g} to {10 * high:g} W/m²"
        return "fails", recorded, f"{10 * intensity:g} W/m² is outside {asked}."
    lamps = [text_of(conditions, key) for key in LAMP_KEYS]
    if not any(lamps):
        return "undecidable", recorded, "The light source is not stated."
    if not any(SIMULATOR.search(words) for words in lamps):
        if any(SUNLIGHT.search(words) for words in lamps):
            return "fails", recorded, "Sunlight is not a simulator."
        return (
            "undecidable",
            recorded,
            "Whether this light has the spectrum of the sun is not stated.",
        )
    if low is not None and intensity is None:
        return "undecidable", recorded, "The intensity is not stated."
    return "conforms", recorded, "A simulator with an intensity as asked for."


def sunlight(conditions: Conditions) -> Answer:
    recorded = lamp_in_words(conditions)
    lamps = [text_of(conditions, key) for key in LAMP_KEYS]
    if not any(lamps):
        if is_dark(conditions):
            return "fails", recorded, "The test was in the dark."
        return "undecidable", recorded, "The light source is not stated."
    artificial = any(
        SIMULATOR.search(words) or DARK.search(words) or re.search("led|lamp", words)
        for words in lamps
    )
    if artificial or not any(SUNLIGHT.search(words) for words in lamps):
        return "fails", recorded, "The light is not that of the sun."
    return "conforms", recorded, "The cell was in sunlight."


def light_cycle(
    conditions: Conditions, periods: tuple[float, ...], ratios: tuple[float, ...]
) -> Answer:
    recorded = text_of(conditions, "light_cycle") or UNSTATED
    if is_only_ultraviolet(conditions):
        reason = "The lamp gives only ultraviolet, not sunlight."
        return "fails", f"{recorded}; {lamp_in_words(conditions)}", reason
    if recorded == UNSTATED:
        if is_dark(conditions):
            return "fails", lamp_in_words(conditions), "The test was in the dark."
        return "undecidable", recorded, "Light and dark times are not stated."
    if re.search(r"continuous|constant|always on|no cycl|^none$|^dark$", recorded):
        return "fails", recorded, "The light was not cycled."
    found = _light_and_dark(recorded)
    if found is None:
        return "undecidable", recorded, "Light and dark times cannot be read from this."
    light, night = found
    period, ratio = light + night, light / night
    if not any(math.isclose(period, one, rel_tol=0.01) for one in periods):
        return "fails", recorded, f"A cycle takes {period:g} h."
    if not any(math.isclose(ratio, one, rel_tol=0.01) for one in ratios):
        return "fails", recorded, f"Light to dark is {light:g} h to {night:g} h."
    return "conforms", recorded, f"{light:g} h of light, {night:g} h of dark."


def _light_and_dark(words: str) -> tuple[float, float] | None:
    """Read ``12 h light / 12 h dark``, ``8:16 h`` or ``24 h period, 1:2``. [h]"""
    times = [
        float(parse_plain(value)) / (60 if unit.startswith("m") else 1)
        for value, unit in _TIME.findall(words)
    ]
    pair = _LIGHT_TO_DARK.search(words)
    if pair:
        light, night = (float(parse_plain(part)) for part in pair.groups())
        if light <= 0 or night <= 0:
            return None
        rest = words.replace(pair[0], "")
        period = _TIME.search(rest)
        following = _UNIT_OF_TIME.match(words, pair.end())
        if period and following is None:
            total = float(parse_plain(period[1]))
            total /= 60 if period[2].startswith("m") else 1
            return total * light / (light + night), total * night / (light + night)
        if following is None:
            return None
        scale = 60 if following[1].startswith("m") else 1
        return light / scale, night / scale
    if len(times) == 2 and min(times) > 0:
        dark_first = 0 <= words.find("dark") < words.find("light")
        return (times[1], times[0]) if dark_first else (times[0], times[1])
    return None


def _temperature_in_words(conditions: Conditions) -> str:
    found = number_of(conditions, "temperature")
    words = [f"{found:g} °C" if found is not None else ""]
    if found is None:
        words.append(text_of(conditions, "temperature"))
    words.append(text_of(conditions, "temperature_control"))
    return ", ".join(word for word in words if word) or UNSTATED


def temperature(conditions: Conditions, low: float, high: float) -> Answer:
    recorded = _temperature_in_words(conditions)
    found = number_of(conditions, "temperature")
    if found is None:
        return "undecidable", recorded, "No temperature is recorded as a number."
    if low <= found <= high:
        return "conforms", recorded, f"{found:g} °C is within {low:g} to {high:g} °C."
    return "fails", recorded, f"{found:g} °C is outside {low:g} to {high:g} °C."


def set_temperature(
    conditions: Conditions, targets: tuple[float, ...], near: float
) -> Answer:
    recorded = _temperature_in_words(conditions)
    found = number_of(conditions, "temperature")
    if found is None:
        return "undecidable", recorded, "No temperature is recorded as a number."
    for target in targets:
        if abs(found - target) <= near:
            reason = f"{found:g} °C is within {near:g} °C of {target:g} °C."
            return "conforms", recorded, reason
    wanted = " and ".join(f"{target:g}" for target in targets)
    return (
        "fails",
        recorded,
        f"{found:g} °C is more than {near:g} °C from {wanted} °C.",
    )


def ambient_temperature(conditions: Conditions) -> Answer:
    recorded = _temperature_in_words(conditions)
    words = " ".join(
        text_of(conditions, key) for key in ("temperature", "temperature_control")
    )
    if AMBIENT.search(words):
        return "conforms", recorded, "The temperature was that of the surroundings."
    if CONTROLLED.search(words):
        return "fails", recorded, "The temperature was controlled."
    reason = "Whether the temperature was left to the surroundings is not stated."
    return "undecidable", recorded, reason


def temperature_cycle(
    conditions: Conditions, bottom: float, tops: tuple[float, ...], near: float
) -> Answer:
    recorded = _temperature_in_words(conditions)
    words = " ".join(
        text_of(conditions, key) for key in ("temperature_control", "temperature")
    )
    if re.search(r"\bconstant\b|no cycl|isothermal", words):
        return "fails", recorded, "The temperature was not cycled."
    ends = _temperature_range(words)
    if ends is None:
        reason = "The two temperatures of the cycle are not stated."
        return "undecidable", recorded, reason
    low, high = ends
    if abs(low - bottom) <= near and any(abs(high - top) <= near for top in tops):
        return "conforms", recorded, f"The cycle runs from {low:g} to {high:g} °C."
    return "fails", recorded, f"The cycle runs from {low:g} to {high:g} °C instead."


def _temperature_range(words: str) -> tuple[float, float] | None:
    """Read ``-40 to 85 °C`` or ``RT–65``, whatever the dashes. [°C]"""
    words = re.sub(r"\b(rt|room temperature|room)\b", "23", words)
    words = _MINUS.sub(r"\1~", words)
    match = _RANGE.search(words)
    if match is None:
        return None
    low, high = sorted(
        float(parse_plain(part.replace("~", "-"))) for part in match.groups()
    )
    return low, high


def _humidity_in_words(conditions: Conditions) -> str:
    found = number_of(conditions, "relative_humidity")
    stated = text_of(conditions, "relative_humidity")
    words = [f"{found:g} %" if found is not None else stated]
    words.append(text_of(conditions, "atmosphere"))
    return ", ".join(word for word in words if word) or UNSTATED


def _is_inert(conditions: Conditions) -> bool:
    return INERT.search(text_of(conditions, "atmosphere")) is not None


def ambient_humidity(conditions: Conditions, low: float, high: float) -> Answer:
    recorded = _humidity_in_words(conditions)
    if _is_inert(conditions):
        reason = "Inert gas has no ambient humidity; such tests carry the suffix I."
        return "fails", recorded, reason
    found = number_of(conditions, "relative_humidity")
    if found is not None:
        if low <= found <= high:
            return "conforms", recorded, f"{found:g} % is a humidity that rooms have."
        return "fails", recorded, f"{found:g} % is not the humidity of a room."
    if AMBIENT.search(text_of(conditions, "relative_humidity")):
        return "conforms", recorded, "The humidity was ambient."
    atmosphere = text_of(conditions, "atmosphere")
    if AIR.search(atmosphere) and not re.search(r"dry|humid|chamber", atmosphere):
        return "conforms", recorded, "The cell was in ambient air."
    return "undecidable", recorded, "The humidity is not stated."


def humidity(conditions: Conditions, low: float, high: float) -> Answer:
    recorded = _humidity_in_words(conditions)
    found = number_of(conditions, "relative_humidity")
    if found is None:
        if _is_inert(conditions):
            reason = "Inert gas is dry; such tests carry the suffix I."
            return "fails", recorded, reason
        return "undecidable", recorded, "No humidity is recorded as a number."
    if low <= found <= high:
        return "conforms", recorded, f"{found:g} % is within what is asked for."
    return "fails", recorded, f"{found:g} % is outside what is asked for."


def monitored_humidity(conditions: Conditions) -> Answer:
    recorded = _humidity_in_words(conditions)
    stated = text_of(conditions, "relative_humidity")
    if number_of(conditions, "relative_humidity") is not None or "monitor" in stated:
        return "conforms", recorded, "The humidity was recorded."
    if _is_inert(conditions):
        return "fails", recorded, "Inert gas is dry; such tests carry the suffix I."
    return "undecidable", recorded, "Whether the humidity was monitored is not stated."


def inert_atmosphere(conditions: Conditions) -> Answer:
    stated = text_of(conditions, "atmosphere")
    if not stated:
        return "undecidable", UNSTATED, "The atmosphere is not stated."
    if _is_inert(conditions):
        return "conforms", stated, "The cell was in inert gas."
    if AIR.search(stated) or "oxygen" in stated:
        return "fails", stated, "The cell was not in inert gas."
    return "undecidable", stated, "Whether this is inert is not stated."


def _load_in_words(conditions: Conditions) -> str:
    stated = text_of(conditions, "load")
    words = [LOADS.get(stated, stated), text_of(conditions, "load_detail")]
    return ", ".join(word for word in words if word) or UNSTATED


def load(conditions: Conditions, allowed: tuple[str, ...]) -> Answer:
    recorded, stated = _load_in_words(conditions), text_of(conditions, "load")
    if not stated:
        return "undecidable", recorded, "The load is not stated."
    if stated not in LOADS:
        return "undecidable", recorded, "This load is none of the known ones."
    if stated in allowed:
        return "conforms", recorded, "The load is as asked for."
    return "fails", recorded, f"The load was {LOADS[stated]}."


def bias(conditions: Conditions) -> Answer:
    recorded, stated = _load_in_words(conditions), text_of(conditions, "load")
    if not stated:
        return "undecidable", recorded, "The bias is not stated."
    if stated != "fixed_voltage":
        return "fails", recorded, f"The load was {LOADS.get(stated, stated)}, no bias."
    if BIAS.search(text_of(conditions, "load_detail")):
        return "conforms", recorded, "The cell was held at one of the biases."
    return "undecidable", recorded, "At which voltage the cell was held is not stated."


CHECKS: dict[str, Callable[..., Answer]] = {
    check.__name__: check
    for check in (
        dark,
        simulator,
        sunlight,
        light_cycle,
        temperature,
        set_temperature,
        ambient_temperature,
        temperature_cycle,
        ambient_humidity,
        humidity,
        monitored_humidity,
        inert_atmosphere,
        load,
        bias,
    )
}
