"""Layer stacks and the cells on them."""

from django.core.exceptions import ValidationError
from django.db.models import Max

from samples.models import Cell


def resolve_cell(sample, label):
    """Find a cell of a sample by its label; nothing stands for no cell.

    Raises
    ------
    ValidationError
        Under ``cell``, naming the cells there are.
    """
    if label in (None, ""):
        return None
    cells = Cell.objects.filter(sample=sample, archived_at__isnull=True)
    cell = cells.filter(label=str(label)).first()
    if cell is None:
        known = ", ".join(cells.values_list("label", flat=True)) or "none"
        raise ValidationError(
            {"cell": f"{sample} has no cell {str(label)!r} (there are: {known})."}
        )
    return cell


def add_cell(*, sample, label, **values):
    """Add a cell behind those there are; the caller has checked who may."""
    last = Cell.objects.filter(sample=sample).aggregate(last=Max("position"))["last"]
    cell = Cell(
        sample=sample, label=label, position=0 if last is None else last + 1, **values
    )
    cell.full_clean()
    cell.save()
    return cell
