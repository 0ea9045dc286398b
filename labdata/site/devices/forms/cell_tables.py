"""The form of an import: the table, what its columns are, and what all rows share."""

from django import forms

from analysis.cell_tables.meanings import AS_MADE, ColumnUse, guess
from analysis.cell_tables.plan import plan_cells
from analysis.cell_tables.reading import MOST_COLUMNS, read_cells
from labdata.common.people.access import require_write
from labdata.plugin import UnreadableFile
from labdata.site.kit.forms import LabForm, project_field
from measurements.text.encoding import decode
from samples.models import Origin
from samples.services import resolve_project

LARGEST = 5 * 1024**2
EXAMPLES_SHOWN = 3


class CellTableForm(LabForm):
    """A table that is sent again with every step, and how it is meant."""

    file = forms.FileField(
        required=False,
        label="File",
        help_text="Text with a row of titles and a row for each cell: CSV, TSV, "
        "decimal points or commas.",
    )
    table = forms.CharField(
        required=False,
        strip=False,
        label="Or paste it here",
        widget=forms.Textarea(attrs={"rows": 6, "class": "code", "wrap": "off"}),
    )
    decimal = forms.ChoiceField(
        required=False,
        label="Decimal mark",
        choices=[
            ("", "as the numbers show"),
            (".", "a point: 12.5"),
            (",", "a comma: 12,5"),
        ],
    )
    batch = forms.CharField(
        required=False,
        max_length=60,
        help_text="The devices are found together by it.",
    )
    code = forms.CharField(
        required=False,
        max_length=200,
        label="Codes of the devices",
        help_text="Only where no column has them: each row is a device of its own.",
    )
    origin = forms.ChoiceField(
        required=False,
        label="The values are",
        choices=[
            (Origin.MANUAL, "measured here, taken by hand"),
            (Origin.REPORTED, "reported in a publication"),
            (Origin.SIMULATED, "simulated"),
        ],
    )
    doi = forms.CharField(required=False, max_length=200, label="DOI")
    locator = forms.CharField(
        required=False, max_length=200, label="Where in it", help_text="Such as Fig. 3."
    )
    duration = forms.CharField(
        required=False,
        max_length=40,
        label="Aged for",
        help_text="Between as made and after ageing, such as 150 h.",
    )
    temperature = forms.CharField(required=False, max_length=40, label="At")
    atmosphere = forms.CharField(required=False, max_length=100)
    load = forms.CharField(required=False, max_length=100)
    create_materials = forms.BooleanField(
        required=False, label="Add materials that are not known yet"
    )

    aliases = {"columns": None, "rows": None, "reference": "doi", "ageing": "duration"}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["project"] = project_field(user)
        self.sheet = self.project = None
        self.uses = []

    def read(self):
        """Take the table in, from the file if there is one, and what it tells."""
        if not self.is_valid():
            return
        self.project = resolve_project(self.user, self.cleaned_data["project"])
        require_write(self.user, self.project)
        file = self.cleaned_data["file"]
        try:
            text = self.cleaned_data["table"]
            if file is not None:
                if file.size > LARGEST:
                    raise UnreadableFile("The file is larger than 5 MB: part it.")
                text, _ = decode(file.read())
                # What was read goes along to the next step in place of the file.
                self.data = self.data.copy()
                self.data["table"] = text
            if not text.strip():
                self.add_error("file", "Choose a file, or paste a table.")
                return
            mark = self.cleaned_data["decimal"] or None
            self.sheet = read_cells(text, decimal=mark)
        except UnreadableFile as error:
            self.add_error("table" if file is None else "file", str(error))
            return
        self.uses = self._told() if "use-0" in self.data and not file else None
        if self.uses is None:
            self.uses = guess(self.sheet)
            self._fill_in(file)

    def _fill_in(self, file):
        """Propose batch and codes from the name of the file, said as a proposal."""
        self.data = self.data.copy()
        has_codes = any(use.to == "code" for use in self.uses)
        if not self.data.get("batch") and file is not None:
            stem = file.name.rpartition(".")[0] or file.name
            kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in stem)
            self.data["batch"] = kept.strip("-")[:40]
        if not self.data.get("code") and not has_codes:
            self.data["code"] = "{batch}-{n:04}"
        self.full_clean()

    def _told(self):
        """The uses as chosen: each column has one, and perhaps a second."""
        uses = []
        for index in range(min(len(self.sheet.titles), MOST_COLUMNS)):
            for prefix in ("use", "also"):
                to = self.data.get(f"{prefix}-{index}", "")
                if to:
                    state = self.data.get(f"{prefix}-state-{index}") or AS_MADE
                    unit = self.data.get(f"unit-{index}", "").strip()
                    label = self.data.get(f"{prefix}-label-{index}", "")
                    uses.append(ColumnUse(index, to, state, label, unit))
        return uses

    def columns(self):
        """Each column of the table: its title, first entries, and what it is."""
        if self.sheet is None:
            return []
        told = {}
        for use in self.uses:
            told.setdefault(use.column, []).append(use)
        columns = []
        for index, title in enumerate(self.sheet.titles):
            use, also, *_ = (*told.get(index, ()), None, None)
            examples = [row[index] for row in self.sheet.rows if row[index]]
            columns.append(
                {
                    "index": index,
                    "title": title.text,
                    "examples": examples[:EXAMPLES_SHOWN],
                    "use": use,
                    "also": also,
                    "unit": use.unit if use else title.unit_text,
                }
            )
        return columns

    def plan(self):
        """What the form as it is would import."""
        told = self.cleaned_data
        plan = plan_cells(
            project=self.project,
            table=self.sheet,
            uses=self.uses,
            batch=told["batch"],
            code=told["code"],
            ageing={
                name: told[name]
                for name in ("duration", "temperature", "atmosphere", "load")
                if told[name]
            },
            create_materials=told["create_materials"],
        )
        for name, texts in plan.errors.items():
            target = self.aliases.get(name, name)
            for text in texts:
                self.add_error(target if target in self.fields else None, text)
        return plan
