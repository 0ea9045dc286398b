"""Refusing once with everything that is wrong: one round of mending."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from labdata.common.api.errors import NestedValidationError


def errors_of(error):
    """A refusal as ``{field: messages}``, the rows of tables nested."""
    nested = getattr(error, "nested", None)
    if nested is not None:
        return nested
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {NON_FIELD_ERRORS: error.messages}


def together(*steps):
    """Take every step, then refuse with all their errors.

    Raises
    ------
    ValidationError
        By field; a ``NestedValidationError`` where a table was refused by its rows.
    """
    errors = {}
    for step in steps:
        try:
            step()
        except ValidationError as error:
            errors |= errors_of(error)
    if any(isinstance(found, dict) for found in errors.values()):
        raise NestedValidationError(errors)
    if errors:
        raise ValidationError(errors)
