"""What people type to find a measurement or a file."""

from django.db.models import Q

from measurements.choices import technique_choices
from measurements.models import File
from samples.search import every, kinds_named, words_of


def measurements_like(text):
    """A condition on measurements: each word in a code, a file name, a note.

    A technique is found by its name too.
    """
    words = words_of(text)
    return every(_word(word) for word in words) if words else Q()


def files_like(text):
    """A condition on files: each word in the name or the description."""
    words = words_of(text)
    if not words:
        return Q()
    return every(
        Q(name__icontains=word) | Q(description__icontains=word) for word in words
    )


def _word(word):
    named = File.objects.filter(name__icontains=word, measurement__isnull=False)
    return (
        Q(sample__code__icontains=word)
        | Q(notes__icontains=word)
        | Q(technique__in=kinds_named(technique_choices(), word))
        | Q(pk__in=named.values("measurement_id"))
    )
