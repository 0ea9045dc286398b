"""Forms and buttons of pages, pressed at the same moment: nothing is lost."""

import pytest
from django.test import Client

from labdata.site.samples.merging import BEFORE
from measurements import services as measurement_services
from samples import services
from tests.samples.factories import make_process
from tests.together import at_once, beginning_during

pytestmark = pytest.mark.django_db(transaction=True)


def opened(client, address, **changes):
    """What a browser would send of a form as it opens, with some fields typed over."""
    page = client.get(address).context
    form = page["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    if "before" in page:
        sent[BEFORE] = page["before"]
    return sent | changes


def sending(user, address, data):
    """An act that sends a form, from a thread of its own."""

    def act():
        client = Client()
        client.force_login(user)
        return client.post(address, data)

    return act


def test_of_six_forms_of_one_version_one_is_saved(client, ada, sample):
    address = f"/samples/{sample.uuid}/edit/"
    sent = opened(client, address)

    answers = at_once(
        sample,
        [
            sending(ada, address, sent | {"notes": f"of {number}"})
            for number in range(6)
        ],
    )

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [302, 409, 409, 409, 409, 409]


def test_a_button_and_a_form_at_once_are_both_heeded(client, ada, sample):
    form = f"/samples/{sample.uuid}/edit/"
    sent = opened(client, form, notes="typed")
    button = f"/samples/{sample.uuid}/archive/"

    answers = at_once(
        sample, [sending(ada, form, sent), sending(ada, button, {"archived": "yes"})]
    )

    sample.refresh_from_db()
    assert sample.archived_at is not None
    # The form is saved, or its writer is told: it depends on who was first.
    assert sample.notes == "typed" or answers[0].status_code == 409


def test_a_form_overtaken_while_it_waits_shows_what_is_there_now(client, ada, sample):
    address = f"/samples/{sample.uuid}/edit/"
    sent = opened(client, address, notes="mine")

    with beginning_during([sending(ada, address, sent)]) as answers:
        services.update_sample(user=ada, sample=sample, batch="B-2")

    (answer,) = answers
    assert answer.status_code == 409
    assert answer.context["form"]["batch"].value() == "B-2"
    assert answer.context["form"]["notes"].value() == "mine"


def test_a_measurement_whose_state_is_changed_meanwhile_is_still_there(
    client, ada, project, sample, measure
):
    process = make_process(
        ada, project, "ageing", inputs=[sample.code], outputs=[sample.code]
    )
    row = measure(sample, analyse=False, state="as made")
    address = f"{row.get_absolute_url()}edit/"
    sent = opened(client, address, notes="mine")

    with beginning_during([sending(ada, address, sent)]) as answers:
        measurement_services.update_measurement(
            user=ada,
            measurement=row,
            state={"process": str(process.uuid), "relation": "after"},
        )

    (answer,) = answers
    assert answer.status_code == 409
    assert answer.context["measurement"].subject.process == process
