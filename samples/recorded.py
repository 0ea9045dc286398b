"""What is recorded of a batch of samples, each table read once for all producers."""

from functools import cached_property
from itertools import starmap
from typing import NamedTuple

from samples.models import Ancestry, Cell, Process, ProcessInput, Subject


class Ancestor(NamedTuple):
    """A sample that another descends from, itself included, and what hangs on it.

    All but ``depth``, the number of generations between the two, are ids.
    """

    descendant: int
    sample: int
    depth: int
    composition: int | None
    stack: int | None
    made_by: int | None


class Recorded:
    """The records that several producers ask for; lives for one computation.

    Nothing is read before it is asked for, and nothing is read twice.
    """

    def __init__(self, sample_ids):
        self.sample_ids = list(sample_ids)

    @cached_property
    def ancestors(self):
        """Each sample with everything it descends from, itself at depth 0."""
        rows = Ancestry.objects.filter(descendant_id__in=self.sample_ids).values_list(
            "descendant_id",
            "ancestor_id",
            "depth",
            "ancestor__composition_id",
            "ancestor__stack",
            "ancestor__made_by__process_id",
        )
        return list(starmap(Ancestor, rows))

    @cached_property
    def acts(self):
        """The done acts in place on the samples and their ancestors, by sample."""
        return in_place_acts({ancestor.sample for ancestor in self.ancestors})

    @cached_property
    def makers(self):
        """The done act each sample and ancestor came out of, if one is recorded."""
        made_by = {a.sample: a.made_by for a in self.ancestors if a.made_by is not None}
        if not made_by:
            return {}
        done = Process.objects.current().done().in_bulk(set(made_by.values()))
        return {
            sample: done[process]
            for sample, process in made_by.items()
            if process in done
        }

    @cached_property
    def cells(self):
        """The cells of the samples by id, those put away included."""
        cells = Cell.objects.filter(sample_id__in=self.sample_ids).order_by()
        return {cell.pk: cell for cell in cells}

    @cached_property
    def states(self):
        """The subjects of the samples and all their cells, whatever their state."""
        states = list(
            Subject.objects.filter(sample_id__in=self.sample_ids).order_by("pk")
        )
        acts = {act.pk: act for acts in self.acts.values() for act in acts}
        # A state outlives the act that was put away.
        others = {s.process_id for s in states} - acts.keys() - {None}
        if others:
            acts |= Process.objects.in_bulk(others)
        for state in states:
            if state.cell_id is not None:
                state.cell = self.cells[state.cell_id]
            if state.process_id is not None:
                state.process = acts[state.process_id]
        return states

    @cached_property
    def subjects(self):
        """Map each sample to its subjects, without those of cells put away."""
        found = {pk: [] for pk in self.sample_ids}
        for state in self.states:
            if state.cell_id is None or state.cell.archived_at is None:
                found[state.sample_id].append(state)
        return found

    def make_states(self, states):
        """Add states, given as (sample, cell, process, relation), if not yet there."""
        Subject.objects.bulk_create(
            [
                Subject(
                    sample_id=sample,
                    cell_id=cell,
                    process_id=process,
                    relation=relation,
                )
                for sample, cell, process, relation in states
            ],
            ignore_conflicts=True,
        )
        # Their ids are not told where somebody else may have made them.
        for read in ("states", "subjects"):
            self.__dict__.pop(read, None)


def in_place_acts(sample_ids):
    """Map each sample to the done acts on it, in the order they happened.

    An act without a time counts as done when it was recorded.
    """
    found = {}
    inputs = ProcessInput.objects.filter(
        sample_id__in=sample_ids,
        process__in_place=True,
        process__state=Process.State.DONE,
        process__archived_at__isnull=True,
    )
    for entry in inputs.select_related("process").order_by():
        found.setdefault(entry.sample_id, []).append(entry.process)
    for acts in found.values():
        acts.sort(key=happened)
    return found


def happened(process):
    """Sort key of acts: when it began, or was recorded, then the order of entry."""
    return (process.started_at or process.created_at, process.pk)
