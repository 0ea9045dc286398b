"""What a stack begins with: another device's layers, or a stack kept under a name."""

from dataclasses import dataclass, field

from django.http import Http404

from samples import services
from samples.models import Sample, SavedStack
from samples.services.references import as_uuid

MOST_OFFERED = 8


@dataclass
class StackStart:
    """A described stack and the record it was taken from."""

    stack: dict = field(default_factory=dict)
    source: object = None
    is_saved: bool = False

    @property
    def name(self):
        return self.source.name if self.is_saved else self.source.code


def start_from(user, text):
    """The stack that an id names, of a sample or kept under a name.

    Raises
    ------
    Http404
        If it is none that the person may see.
    """
    if not text:
        return StackStart()
    public_id = as_uuid(text)
    saved = (
        SavedStack.objects.visible_to(user)
        .select_related("project")
        .filter(uuid=public_id)
        .first()
    )
    if saved is not None:
        return StackStart(services.describe_saved_stack(saved), saved, is_saved=True)
    sample = (
        Sample.objects.visible_to(user)
        .select_related("project", "batch", "stack")
        .filter(uuid=public_id)
        .first()
    )
    if sample is None or public_id is None:
        raise Http404("There is no such stack.")
    return StackStart(services.describe_stack(sample), sample)


def offered_starts(user, text="", project=None):
    """The kept stacks and the newest devices whose name or code holds a text."""
    saved = SavedStack.objects.current().visible_to(user)
    samples = Sample.objects.current().visible_to(user).filter(stack__isnull=False)
    if project is not None:
        saved, samples = saved.filter(project=project), samples.filter(project=project)
    if text:
        saved = saved.filter(name__icontains=text)
        samples = samples.filter(code__icontains=text)
    return {
        "saved": list(saved.order_by("name")[:MOST_OFFERED]),
        "samples": list(samples.order_by("-pk")[:MOST_OFFERED]),
    }
