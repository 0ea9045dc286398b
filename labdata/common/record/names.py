"""A name nobody knows is refused: what it was to say must not be lost in silence."""

import functools
import inspect
import typing
from collections.abc import Callable, Collection
from difflib import get_close_matches

from django.core.exceptions import ValidationError

Parameters = typing.ParamSpec("Parameters")
Answer = typing.TypeVar("Answer")


def say_unknown(name: str, known: Collection[str]) -> str:
    """Say of a name that it is none of those known, and which was likely meant."""
    close = get_close_matches(name, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"There is no field {name!r} here.{hint}"


def refuses_unknown_names(
    service: Callable[Parameters, Answer],
) -> Callable[Parameters, Answer]:
    """Refuse what a service is given under a name that its signature does not have.

    The service takes ``**values: Unpack[SomeTypedDict]``; keys of that and its own
    parameters are what it knows.

    Raises
    ------
    ValidationError
        Under each unknown name, before anything else happens.
    """

    @functools.cache
    def known_names() -> frozenset[str]:
        parameters = inspect.signature(service).parameters.values()
        hints = typing.get_type_hints(service)
        names: set[str] = set()
        for parameter in parameters:
            if parameter.kind is parameter.VAR_KEYWORD:
                (fields,) = typing.get_args(hints[parameter.name])
                names |= fields.__required_keys__ | fields.__optional_keys__
            else:
                names.add(parameter.name)
        return frozenset(names)

    @functools.wraps(service)
    def checked(*given: Parameters.args, **named: Parameters.kwargs) -> Answer:
        unknown = named.keys() - known_names()
        if unknown:
            raise ValidationError(
                {name: say_unknown(name, known_names()) for name in sorted(unknown)}
            )
        return service(*given, **named)

    return checked
