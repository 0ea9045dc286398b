"""Writing says what it takes: services are typed, and refuse names they do not know."""

import importlib
import inspect
import pkgutil
import typing

import pytest
from django.core.exceptions import ValidationError
from rest_framework import serializers

from labdata.common.api.forms import InputSerializer
from labdata.common.record.names import refuses_unknown_names

ROOMS = (
    "samples.services",
    "measurements.services",
    "analysis.services",
    "analysis.stability.ageing_series",
    "labdata.common.people",
)
STRANGER = "locaton"


def modules():
    for name in ROOMS:
        room = importlib.import_module(name)
        yield room
        for found in pkgutil.walk_packages(getattr(room, "__path__", ()), f"{name}."):
            yield importlib.import_module(found.name)


def services():
    """Public functions that take their arguments by name alone, by full name."""
    found = {}
    for module in modules():
        for name, function in vars(module).items():
            if (
                inspect.isfunction(function)
                and function.__module__ == module.__name__
                and not name.startswith("_")
                and named_parameters(function)
            ):
                found[f"{module.__name__}.{name}"] = function
    return found


def named_parameters(function):
    return [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD)
    ]


every_service = pytest.mark.parametrize(
    "service", [pytest.param(one, id=name) for name, one in services().items()]
)


@every_service
def test_a_service_says_the_types_of_what_it_takes_and_gives(service):
    signature = inspect.signature(service)
    untyped = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.annotation is parameter.empty
    ]

    assert untyped == []
    assert signature.return_annotation is not signature.empty


@every_service
def test_further_names_are_those_of_a_typed_dict(service):
    for parameter in named_parameters(service):
        if parameter.kind is parameter.VAR_KEYWORD:
            (fields,) = typing.get_args(parameter.annotation)
            assert typing.get_origin(parameter.annotation) is typing.Unpack
            assert typing.is_typeddict(fields)


@pytest.mark.django_db
@every_service
def test_a_name_a_service_does_not_know_is_refused(service):
    needed = {
        name: None
        for name, parameter in inspect.signature(service).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind is not parameter.VAR_KEYWORD
    }

    with pytest.raises((ValidationError, TypeError)) as refused:
        service(**needed, **{STRANGER: "shelf 3"})

    assert STRANGER in str(refused.value)


class Fields(typing.TypedDict, total=False):
    location: str


@refuses_unknown_names
def put(*, code: str, **values: typing.Unpack[Fields]) -> tuple[str, dict]:
    return code, values


def test_known_names_arrive_as_they_were_given():
    assert put(code="A", location="shelf 3") == ("A", {"location": "shelf 3"})


def test_every_unknown_name_is_told_with_what_was_likely_meant():
    with pytest.raises(ValidationError) as refused:
        put(code="A", locaton="shelf 3", colour="red")

    assert refused.value.message_dict == {
        "colour": ["There is no field 'colour' here."],
        "locaton": ["There is no field 'locaton' here. Did you mean 'location'?"],
    }


def test_a_series_takes_what_its_plan_takes():
    from samples.services.series.plan import SeriesFields, plan_series

    parameters = inspect.signature(plan_series).parameters
    needed = {
        name
        for name, parameter in parameters.items()
        if parameter.default is parameter.empty
    }

    own = {"user", "project"}
    assert SeriesFields.__required_keys__ == needed - own
    assert SeriesFields.__optional_keys__ == parameters.keys() - needed - own


def api_forms():
    """Serializers that take what was sent; those of answers are called so."""
    found = {}
    for app in ("samples", "measurements", "analysis", "labdata.common"):
        package = importlib.import_module(f"{app}.api")
        for module in pkgutil.iter_modules(package.__path__, f"{app}.api."):
            for name, form in vars(importlib.import_module(module.name)).items():
                if (
                    inspect.isclass(form)
                    and issubclass(form, serializers.Serializer)
                    and form.__module__ == module.name
                    and not name.endswith("Answer")
                ):
                    found[f"{module.name}.{name}"] = form
    return found


def test_whatever_the_api_takes_refuses_fields_it_does_not_know():
    forms = api_forms()

    assert len(forms) > 20
    lax = [
        name for name, form in forms.items() if not issubclass(form, InputSerializer)
    ]
    assert lax == []
