"""The form of a layer stack, and of the cells on its substrate."""

from functools import partial

from django import forms

from labdata.common.api.errors import NestedValidationError
from labdata.common.measures.units import UnitError, parse_measured_quantity
from labdata.site.devices.forms.layers import (
    CELLS,
    LayerBlock,
    cell_rows,
    filled_rows,
    layer_values,
    plain,
    read_row,
    split_substance,
)
from labdata.site.kit.acts.act_form import plain_number
from labdata.site.kit.forms import LabForm, RowTable, flat, messages_of, project_field
from samples.models import Architecture, Sample
from samples.models.samples import code_validator
from samples.services.references import find_materials

MOST_LAYERS = 60
# A new stack begins with the layers nearly every cell has.
USUAL_ROLES = {
    "pin": (
        "substrate",
        "electrode",
        "hole_transport",
        "absorber",
        "electron_transport",
        "buffer",
        "contact",
    ),
    "nip": (
        "substrate",
        "electrode",
        "electron_transport",
        "absorber",
        "hole_transport",
        "contact",
    ),
}


class StackForm(LabForm):
    """A stack; with ``sample`` that of a sample there is, without it a new device."""

    project = forms.CharField()
    code = forms.CharField(
        max_length=60,
        validators=[code_validator],
        help_text="As written on the device: A-Z a-z 0-9 _ -",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(choices=Sample.Kind.choices, initial=Sample.Kind.DEVICE)
    batch = forms.CharField(
        required=False, max_length=60, help_text="Code of the batch made together."
    )
    architecture = forms.ChoiceField(
        required=False, choices=[("", "not told"), *Architecture.choices]
    )
    substrate_width = forms.CharField(
        required=False, label="Substrate width [mm]", max_length=40
    )
    substrate_height = forms.CharField(
        required=False, label="Substrate height [mm]", max_length=40
    )
    create_materials = forms.BooleanField(
        required=False, label="Add materials that are not known yet"
    )
    save_as = forms.CharField(
        required=False,
        max_length=200,
        label="Also keep this stack under a name",
        help_text="Devices and plans can then start from it.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    aliases = {"name": "save_as"}

    def __init__(self, data=None, *args, user, sample=None, stack=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.user, self.sample = user, sample
        self.described = None
        if sample is None:
            self.fields["project"] = project_field(user)
            self.order_fields(["project"])
        else:
            for name in ("project", "code", "kind", "batch"):
                del self.fields[name]
        stack = stack or {}
        self.layers = self._blocks(data, stack)
        self.cells = RowTable(
            "cells",
            CELLS,
            data=data,
            initial=cell_rows(stack.get("cells") or ()),
            spare=not stack.get("cells"),
        )

    @staticmethod
    def _blocks(data, stack):
        if data is None:
            rows = [layer_values(layer) for layer in stack.get("layers") or ()]
            if not rows:
                usual = USUAL_ROLES.get(stack.get("architecture"), USUAL_ROLES["pin"])
                rows = [{"role": role} for role in usual]
            return [LayerBlock(index, values=row) for index, row in enumerate(rows)]
        blocks = []
        while len(blocks) < MOST_LAYERS and f"layer{len(blocks)}_role" in data:
            blocks.append(LayerBlock(len(blocks), data=data))
        return blocks

    @staticmethod
    def initial_of(stack):
        """The fields beside layers and cells as the form shows them."""
        return {
            "architecture": stack.get("architecture") or "",
            "substrate_width": plain_number(stack.get("substrate_width")) or "",
            "substrate_height": plain_number(stack.get("substrate_height")) or "",
        }

    @property
    def blank_layer(self):
        """What a script copies for a further layer."""
        return LayerBlock(999)

    @property
    def spare_layer(self):
        """One more layer where no script adds any."""
        return LayerBlock(len(self.layers))

    @property
    def filled_layers(self):
        return [block for block in self.layers if block.is_filled]

    @property
    def has_wrong_rows(self):
        return self.cells.has_errors or any(one.has_errors for one in self.layers)

    def tables(self):
        return [self.cells]

    def reading_cells(self):
        """Every cell whose meaning is told beside it."""
        for block in self.layers:
            yield from block.cells.values()
            for table in block.tables.values():
                yield from (cell for row in table.rows for cell in row)
        yield from (cell for row in self.cells.rows for cell in row)

    def stack(self, project=None):
        """The stack as the services take it; what cannot be read is marked."""
        if self.described is not None:
            # What is wrong is said once.
            return self.described
        blocks = self.filled_layers
        texts = {block.text("substance") for block in blocks} - {""}
        materials = find_materials(project, texts) if project and texts else {}
        split = partial(split_substance, materials=materials)
        self.described = {
            "architecture": self._typed("architecture"),
            "substrate_width": self._millimetres("substrate_width"),
            "substrate_height": self._millimetres("substrate_height"),
            "layers": [block.described(split) for block in blocks],
            "cells": [read_row(row) for row in filled_rows(self.cells)],
        }
        return self.described

    def _typed(self, name):
        return str(self[name].value() or "").strip()

    def _millimetres(self, name):
        text = self._typed(name)
        try:
            measured = parse_measured_quantity(text, unit="mm") if text else None
        except UnitError as error:
            if self.is_bound:
                self.add_error(name, str(error))
            return None
        return None if measured is None else plain(measured.value)

    def checked_stack(self, project):
        """The same; refused as a whole if any of it cannot be read.

        Raises
        ------
        NestedValidationError
            Without messages: they already stand where they belong.
        """
        stack = self.stack(project)
        if self.has_wrong_rows or self.errors:
            raise NestedValidationError({})
        return stack

    def sample_values(self):
        return {key: self.cleaned_data[key] for key in ("code", "kind", "batch")}

    def take(self, error):
        """Put what is said of a layer, counted among the filled ones, at that one."""
        nested = dict(messages_of(error))
        layers = nested.pop("layers", None)
        if isinstance(layers, dict):
            blocks = self.filled_layers
            for index, inner in layers.items():
                try:
                    blocks[int(index)].take(inner)
                except (ValueError, IndexError):
                    nested.setdefault("__all__", []).extend(flat({index: inner}))
        elif layers:
            nested.setdefault("__all__", []).extend(flat(layers))
        super().take(NestedValidationError(nested))


class CellGridForm(LabForm):
    """How many cells of which area to spread over a substrate."""

    grid_count = forms.CharField(required=False, label="How many", max_length=10)
    grid_area = forms.CharField(
        required=False, label="Active area [cm²]", max_length=40
    )
    grid_mask = forms.CharField(required=False, label="Mask area [cm²]", max_length=40)
    substrate_width = forms.CharField(required=False)
    substrate_height = forms.CharField(required=False)

    USUAL_SIDE = 25.0
    MOST = 200

    def clean_grid_count(self):
        text = self.cleaned_data["grid_count"].strip()
        if not text.isdecimal() or not 1 <= int(text) <= self.MOST:
            raise forms.ValidationError(f"How many cells? 1 to {self.MOST}.")
        return int(text)

    def clean_grid_area(self):
        area = self._positive("grid_area", "cm²")
        if area is None:
            raise forms.ValidationError("Which active area has each of them?")
        return area

    def clean_grid_mask(self):
        return self._positive("grid_mask", "cm²")

    def clean_substrate_width(self):
        return self._positive("substrate_width", "mm") or self.USUAL_SIDE

    def clean_substrate_height(self):
        return self._positive("substrate_height", "mm") or self.USUAL_SIDE

    def _positive(self, name, unit):
        text = self.cleaned_data[name].strip()
        if not text:
            return None
        try:
            measured = parse_measured_quantity(text, unit=unit)
        except UnitError as error:
            raise forms.ValidationError(str(error)) from error
        if measured is None or measured.value <= 0:
            raise forms.ValidationError(f"{text} is not above 0 {unit}.")
        return plain(measured.value)
