"""Forms of substances."""

from django import forms

from labdata.site.kit.acts.sample_form import split_names
from labdata.site.kit.forms import LabForm, project_field


class MaterialForm(LabForm):
    """Add or change a substance and the names it goes by."""

    project = forms.CharField()
    name = forms.CharField(max_length=200)
    aliases = forms.CharField(
        required=False,
        label="Other names",
        help_text="Separated by commas, such as a-ZIF-62, agZIF-62.",
    )
    formula = forms.CharField(required=False, max_length=400)
    molar_mass = forms.FloatField(
        required=False,
        label="Molar mass [g/mol]",
        help_text="Empty: computed from the formula.",
    )
    density = forms.FloatField(required=False, label="Density [g/cm³]")
    cas_number = forms.CharField(required=False, max_length=20, label="CAS number")
    smiles = forms.CharField(required=False, max_length=1000, label="SMILES")
    inchi_key = forms.CharField(required=False, max_length=27, label="InChIKey")
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, material=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.material = material
        if material is not None:
            del self.fields["project"]
            return
        self.fields["project"] = project_field(
            user,
            required=False,
            help_text="Of a project: its name is seen by members alone.",
        )
        choices = [choice for choice in self.fields["project"].choices if choice[0]]
        self.fields["project"].choices = [("", "Shared by the whole lab"), *choices]
        self.order_fields(["name", "aliases", "formula", "project"])

    @staticmethod
    def initial_of(material):
        own = material.name
        return {
            "name": own,
            "aliases": ", ".join(
                entry.name for entry in material.names.all() if entry.name != own
            ),
            **{
                name: getattr(material, name)
                for name in (
                    "formula",
                    "molar_mass",
                    "density",
                    "cas_number",
                    "smiles",
                    "inchi_key",
                    "notes",
                    "version",
                )
            },
        }

    def values(self):
        given = {k: v for k, v in self.cleaned_data.items() if k != "version"}
        given.pop("project", None)
        given["aliases"] = split_names(given["aliases"])
        return given
