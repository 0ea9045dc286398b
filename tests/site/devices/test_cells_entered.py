"""Cells wherever a measurement or a value is entered, filtered or told."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.models import PropertyValue
from labdata.common.jobs.runner import execute_queued
from measurements import services
from measurements.models import IntakeFile, Measurement
from measurements.reading.matching import find_cell
from tests.site.devices.test_device_results import make_device, upload
from tests.site.worlds.sweeps import sweeps_json


@pytest.fixture
def device(ada, project):
    return make_device(ada, project, "D-1", "AB")


def post(client, address, body):
    return client.post(address, json.dumps(body), content_type="application/json")


def one_cell():
    """A file that knows of one pixel only, and not its name."""
    rows = ["voltage (V),current density (mA/cm2)"]
    rows += [f"{v / 50:.2f},{22 - 1e-9 * 2 ** (v / 1.6):.5f}" for v in range(61)]
    return "\n".join([*rows, ""]).encode()


def form_values(**changes):
    return {
        "sample": "D-1",
        "technique": "jv",
        "files": SimpleUploadedFile("a.csv", one_cell()),
        **changes,
    }


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("D-1_cellA.txt", "A"),
        ("D-1 pixel b.txt", "b"),
        ("D-1_px_A.txt", "A"),
        ("2026_D-1-A_jv.csv", "A"),
        ("D-1.pxA_ch1.txt", "A"),
        ("D-1_cell2.csv", "2"),
        # A number behind a code may count anything.
        ("D-1_2.csv", None),
        ("D-1_A_cellb.txt", None),
        ("D-1_forward.txt", None),
        ("A_D-1.txt", None),
    ],
)
def test_a_cell_is_found_in_a_file_name_or_not_guessed(name, cell):
    assert find_cell(name, "D-1", ["A", "b", "2"]) == cell


def test_the_upload_form_takes_a_cell(client, device):
    response = client.post("/measurements/new/", form_values(cell="B"))
    execute_queued()

    row = Measurement.objects.get()
    assert response.url == row.get_absolute_url()
    assert row.subject.cell.label == "B"
    assert row.datasets.get(is_result=False).cell.label == "B"
    assert (
        'cell <span class="code">B</span>'
        in client.get(row.get_absolute_url()).content.decode()
    )


def test_a_cell_that_is_not_there_is_named_at_its_field(client, device):
    response = client.post("/measurements/new/", form_values(cell="Z"))

    (told,) = response.context["form"].errors["cell"]
    assert "no cell 'Z' (there are: A, B)" in told
    assert Measurement.objects.count() == 0


def test_the_form_offers_the_cells_of_the_sample(client, device):
    response = client.get("/measurements/new/?sample=D-1&technique=jv&cell=B")

    assert list(response.context["cells"]) == ["A", "B"]
    assert response.context["form"]["cell"].value() == "B"


def test_choices_of_conditions_are_offered_and_taken(client, device):
    part = client.get("/measurements/technique/?technique=jv&sample=D-1")
    client.post(
        "/measurements/new/",
        form_values(condition_light="dark", condition_mask_area="9 mm**2"),
    )

    field = part.context["form"].fields["condition_light"]
    assert [value for value, _ in field.choices] == ["", "light", "dark"]
    conditions = Measurement.objects.get().conditions
    assert conditions["light"] == "dark"
    assert conditions["mask_area"] == pytest.approx(0.09)


def test_what_tests_load_is_a_choice(client, device):
    part = client.get("/measurements/technique/?technique=mpp_tracking&sample=D-1")

    choices = part.context["form"].fields["condition_load"].choices
    assert "fixed_resistor" in [value for value, _ in choices]


def test_the_cell_is_changed_until_the_files_are_read(client, ada, device):
    row = services.create_measurement(
        user=ada,
        sample=device,
        technique="jv",
        files=[("a.csv", SimpleUploadedFile("a.csv", one_cell()))],
        cell="A",
    )
    address = f"/api/v1/measurements/{row.uuid}/"

    def patch(cell):
        return client.patch(
            address,
            {"cell": cell},
            content_type="application/json",
            headers={"If-Match": client.get(address)["ETag"]},
        )

    changed = patch("B")
    execute_queued()
    refused = patch("A")

    assert changed.json()["cell"] == "B"
    assert refused.status_code == 400
    assert "Archive the measurement" in refused.json()["errors"]["cell"][0]
    assert client.get(address).json()["cell"] == "B"


@pytest.fixture
def drop(client, ada, project, device):
    intake = services.start_intake(user=ada, project=project, technique="jv")

    def dropped(name):
        return services.add_intake_file(
            user=ada, intake=intake, upload=SimpleUploadedFile(name, one_cell())
        )

    return dropped


def test_a_dropped_file_finds_its_cell_and_keeps_it(client, ada, drop):
    row = drop("D-1_cellB.csv")
    page = client.get(row.intake.get_absolute_url()).content.decode()

    services.submit_intake(user=ada, intake=row.intake)

    assert '<option value="B" selected>' in page
    assert "It stands in the file name." in page
    assert Measurement.objects.get().subject.cell.label == "B"


def test_a_person_names_another_cell_or_none(client, ada, drop):
    named, cleared = drop("D-1_cellB.csv"), drop("D-1_cellA.csv")
    intake = named.intake
    for row, cell in ((named, "A"), (cleared, "")):
        client.post(
            f"{intake.get_absolute_url()}files/{row.uuid}/",
            {"cell": cell},
            HTTP_HX_REQUEST="true",
        )
    services.describe_intake_files(
        user=ada, intake=intake, files=[cleared], is_wanted_twice=True
    )

    services.submit_intake(user=ada, intake=intake)

    rows = {row.name: row.measurement for row in IntakeFile.objects.all()}
    assert rows["D-1_cellB.csv"].subject.cell.label == "A"
    assert rows["D-1_cellA.csv"].subject.cell is None


def test_another_sample_has_other_cells(client, ada, project, drop):
    make_device(ada, project, "E-1", "XY")
    row = drop("D-1_cellB.csv")

    services.describe_intake_files(
        user=ada, intake=row.intake, files=[row], sample="E-1"
    )

    row.refresh_from_db()
    assert "cell" not in row.match
    page = client.get(row.intake.get_absolute_url()).content.decode()
    assert '<option value="X">' in page
    assert '<option value="B"' not in page


def test_answers_name_the_cell(client, ada, device):
    row = upload(ada, device, sweeps_json("AB"))

    told = client.get(f"/api/v1/measurements/{row.uuid}/").json()
    datasets = client.get(f"/api/v1/datasets/?measurement={row.uuid}").json()
    runs = client.get(f"/api/v1/runs/?measurement={row.uuid}").json()["results"]

    assert told["cell"] is None
    assert sorted(one["cell"] for one in told["datasets"]) == ["A", "A", "B", "B"]
    raw = [one["cell"] for one in datasets["results"] if not one["is_result"]]
    assert sorted(raw) == ["A", "A", "B", "B"]
    assert sorted((one["cell"], one["scope"]) for one in runs) == [
        ("A", "A"),
        ("B", "B"),
    ]
    assert sorted(one["cell"] for one in told["runs"]) == ["A", "B"]
    run = runs[0]
    assert set(run["conditions"]) == {one["dataset"] for one in run["inputs"]}
    first = run["conditions"][run["inputs"][0]["dataset"]]
    assert first["irradiance"] == 100
    assert {one["cell"] for one in run["properties"]} == {run["cell"]}


def test_runs_of_several_cells_all_stand_and_none_replaces_another(client, ada, device):
    upload(ada, device, sweeps_json("AB"))

    runs = client.get("/api/v1/runs/").json()["results"]

    assert [run["current"] for run in runs] == [True, True]
    assert [run["supersedes"] for run in runs] == [None, None]
    assert [run["superseded_by"] for run in runs] == [None, None]


@pytest.mark.parametrize("resource", ["measurements", "datasets", "runs", "properties"])
def test_lists_are_filtered_by_cell(client, ada, device, resource):
    upload(ada, device, sweeps_json("A"))
    upload(ada, device, one_cell(), name="b.csv", cell="B")
    address = f"/api/v1/{resource}/"

    def count(**query):
        return client.get(address, {"page_size": 200, **query}).json()["count"]

    assert count(cell="A") > 0
    assert count(cell="B") > 0
    assert count(cell="Z") == 0
    if resource == "measurements":
        assert (count(cell="A"), count(cell="B"), count()) == (1, 1, 2)
        listed = client.get("/measurements/?cell=B").context["page"]
        assert [row.cell_labels for row in listed] == [["B"]]


def test_a_value_is_recorded_of_a_cell(client, device):
    body = {"sample": "D-1", "quantity": "jv.pce", "label": "reverse", "value": 21.3}

    told = post(client, "/api/v1/properties/", body | {"cell": "A"}).json()
    whole = post(client, "/api/v1/properties/", body).json()
    wrong = post(client, "/api/v1/properties/", body | {"cell": "Z"})

    assert (told["cell"], whole["cell"]) == ("A", None)
    assert wrong.status_code == 400
    assert "no cell 'Z'" in wrong.json()["errors"]["cell"][0]
    value = PropertyValue.objects.get(uuid=told["id"])
    assert value.subject.cell.label == "A"


def test_a_value_of_a_cell_is_replaced_by_one_of_the_same(client, device):
    body = {"sample": "D-1", "quantity": "jv.pce", "label": "reverse", "value": 21.3}
    first = post(client, "/api/v1/properties/", body | {"cell": "A"}).json()

    other = post(
        client, "/api/v1/properties/", body | {"cell": "B", "supersedes": first["id"]}
    )
    same = post(client, "/api/v1/properties/", body | {"supersedes": first["id"]})

    assert other.status_code == 400
    assert "That is of cell A" in other.json()["errors"]["supersedes"][0]
    assert same.json()["cell"] == "A"
