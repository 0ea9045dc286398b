"""Six files dropped in a real browser, to their fits, a verdict and a plot."""

import re

import pytest

from tests.browser.desk import PASSWORD, faults_of, sign_in
from tests.site.worlds.spectra import spectrum

pytestmark = pytest.mark.browser

PERSON = "dora"
PROJECT = "dropped"


@pytest.fixture(scope="module")
def samples(lab):
    """Four samples of one batch, two compositions at two temperatures."""
    lab.create_user(PERSON, PASSWORD)
    token = lab.token(PERSON)
    posts = [("projects/", {"slug": PROJECT, "name": "Dropped"})]
    for fraction in (25, 50):
        for temperature in (300, 350):
            code = f"D{fraction}-{temperature}"
            glass = 100 - fraction
            posts += [
                (
                    "samples/",
                    {
                        "project": PROJECT,
                        "code": code,
                        "kind": "composite",
                        "batch": "D",
                        "composition": f"(CsPbI3)0.{fraction}(agZIF-62)0.{glass}",
                        "create_materials": True,
                    },
                ),
                (
                    "processes/",
                    {
                        "project": PROJECT,
                        "kind": "sintering",
                        "outputs": [code],
                        "program": [{"end_temperature": temperature, "dwell": 30}],
                    },
                ),
            ]
    for path, body in posts:
        status, told = lab.api(path, token=token, body=body)
        assert status == 201, told


@pytest.fixture
def page_of_person(page, lab, samples):
    return sign_in(page, lab, PERSON)


@pytest.fixture
def files(tmp_path):
    """Four that name their sample, one that names two, one that nothing reads."""
    made = {
        f"PL_D{fraction}-{temperature}.csv": spectrum(seed=seed)
        for seed, (fraction, temperature) in enumerate(
            (f, t) for f in (25, 50) for t in (300, 350)
        )
    }
    made["D25-300 or D50-300.csv"] = spectrum(seed=9)
    made["photo of the screen.png"] = b"\x89PNG\r\n\x1a\n" + bytes(200)
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return sorted(tmp_path.iterdir())


def test_dropped_files_are_matched_asked_about_fitted_accepted_and_plotted(
    page_of_person, lab, files
):
    page = page_of_person
    refused = []
    page.on("console", lambda said: refused.append(said.text))
    page.goto(f"{lab.url}/measurements/drop/?project={PROJECT}")
    page.select_option("#id_technique", "pl")
    page.set_input_files("#drop-files", files)
    page.wait_for_selector("text=Upload 4 measurements")
    assert "measurements/drop/" in page.url

    names = page.locator(".intake-row .intake-name strong").all_inner_texts()
    assert names[:2] == ["D25-300 or D50-300.csv", "photo of the screen.png"]
    asking = page.locator(".intake-row.is-asking")
    assert asking.count() == 2
    assert "PNG image" in asking.nth(1).inner_text()
    asking.nth(0).locator("button", has_text="D50-300").click()
    page.wait_for_selector("text=Upload 5 measurements")
    # By its name: the row answered before may still stand among those that ask.
    picture = page.locator(".intake-row", has_text="photo of the screen")
    picture.locator("button", has_text="Leave out").click()
    page.wait_for_selector("text=1 left out")

    page.click("text=Set conditions for")
    page.fill("#id_condition_temperature", "298 K")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Set for")
    assert page.locator(".conditions >> text=24.85 °C").count() == 5

    page.click("text=Upload 5 measurements")
    page.wait_for_selector("text=All 5 are in")
    assert page.locator(".spark-fit").count() == 5
    assert page.locator(".intake-values >> text=λ [I]").count() == 5
    page.click("text=Accept all 5 good fits")
    page.wait_for_selector("text=5 accepted")
    page.click("text=Plot these")
    page.wait_for_url(re.compile(r"/explore/\?x=composition\.CsPbI3&y=pl"))
    assert "color=process.sintering.temperature" in page.url
    assert [text for text in refused if "Content Security" in text] == []


def test_the_drop_page_is_accessible_and_holds_a_phone(browser, lab, samples, files):
    context = browser.new_context(
        bypass_csp=True, viewport={"width": 390, "height": 844}
    )
    page = sign_in(context.new_page(), lab, PERSON)
    page.goto(f"{lab.url}/measurements/drop/?project={PROJECT}")
    page.select_option("#id_technique", "pl")
    page.set_input_files("#drop-files", files[:2])
    page.wait_for_selector(".intake-foot")
    page.wait_for_selector("text=Set conditions for")

    assert faults_of(page) == []
    context.close()


def test_a_file_dragged_onto_the_page_is_taken_and_a_lost_one_tried_again(
    page_of_person, lab
):
    page = page_of_person
    page.goto(f"{lab.url}/measurements/drop/?project={PROJECT}")
    page.select_option("#id_technique", "pl")
    lost = []

    def lose_the_first(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.abort()

    page.route("**/files/", lose_the_first)
    dropped = page.evaluate_handle(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "D25-350.csv", { type: "text/csv" }));
          return data;
        }""",
        spectrum(seed=31).decode(),
    )
    page.dispatch_event("body", "drop", {"dataTransfer": dropped})

    page.wait_for_selector("text=The connection was lost")
    page.click("text=Try again")
    page.wait_for_selector("text=D25-350 stands in the file name.")
    page.wait_for_selector("text=Upload 1 measurement")


def test_a_sample_is_named_by_keyboard(page_of_person, lab, samples, tmp_path):
    # Bytes of its own: a twin of a file in the lab would be asked about too.
    file = tmp_path / "PL_D25-300_D50-300.csv"
    file.write_bytes(spectrum(seed=77))
    page = page_of_person
    page.goto(f"{lab.url}/measurements/drop/?project={PROJECT}")
    page.select_option("#id_technique", "pl")
    page.focus("#drop-files")
    assert page.evaluate("document.activeElement.id") == "drop-files"
    page.set_input_files("#drop-files", file)
    page.wait_for_selector(".candidates button")

    page.focus(".intake-answers input[name=sample]")
    page.keyboard.type("D25-300")
    page.keyboard.press("Enter")

    page.wait_for_selector("text=You named it.")
    page.wait_for_selector("text=Upload 1 measurement")
