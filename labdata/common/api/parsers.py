"""Reading bodies: whatever way they come, every text in them can be stored."""

from rest_framework import parsers
from rest_framework.exceptions import ParseError, ValidationError

from labdata.common.text.storable import explain, half_characters


def refuse_half_characters(value):
    """Refuse nested data with text that cannot be stored, at the fields it stands in.

    Raises
    ------
    ValidationError
    """
    errors = {}
    for place, half in half_characters(value).items():
        if not place:
            raise ValidationError([explain(half)])
        *outer, last = place
        inner = errors
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = [explain(half)]
    if errors:
        raise ValidationError(errors)


class JSONParser(parsers.JSONParser):
    """JSON whose every key and value can be stored."""

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error
        refuse_half_characters(data)
        return data


class FormParser(parsers.FormParser):
    """A form whose every name and value can be stored."""

    def parse(self, stream, media_type=None, parser_context=None):
        data = super().parse(stream, media_type, parser_context)
        refuse_half_characters(told_by_form(data))
        return data


class MultiPartParser(parsers.MultiPartParser):
    """A form with files whose every name and value can be stored."""

    def parse(self, stream, media_type=None, parser_context=None):
        sent = super().parse(stream, media_type, parser_context)
        try:
            refuse_half_characters(told_by_form(sent.data, sent.files))
        except ValidationError:
            for _, files in sent.files.lists():
                for file in files:
                    file.close()
            raise
        return sent


def told_by_form(*parts):
    """The names and texts of a form; what files are called Django has seen to."""
    told = {}
    for part in parts:
        for name, values in part.lists():
            texts = [value for value in values if isinstance(value, str)]
            told[name] = texts[0] if len(texts) == 1 else texts
    return told
