"""Notices: told once, counted in the bar, read by opening, mailed where wanted."""

import pytest
from django.core import mail
from django.test import override_settings

from labdata.common.people.notices import Notice, notify
from labdata.common.people.preferences import set_preference
from tests.samples.factories import add_member, make_user


@pytest.fixture
def notice(ada):
    return notify(
        user=ada, text="24 spectra are fitted.", kind="intake", address="/runs/"
    )


def test_the_bar_counts_what_is_unread(client, notice):
    assert "Notices <span" in client.get("/").content.decode()


def test_the_count_costs_one_query(client, notice, django_assert_num_queries):
    # Who is signed in takes the other two.
    with django_assert_num_queries(3):
        client.get("/account/password/")


def test_opening_a_notice_leads_to_what_it_is_about_and_marks_it_read(client, notice):
    response = client.get(f"/notices/{notice.uuid}/")

    notice.refresh_from_db()
    assert response.url == "/runs/"
    assert notice.read_at is not None


def test_an_address_elsewhere_is_not_followed(client, ada):
    notice = notify(user=ada, text="Look", kind="runs", address="//evil.example/")

    assert client.get(f"/notices/{notice.uuid}/").url == "/notices/"


def test_all_are_marked_read_at_once(client, ada, notice):
    notify(user=ada, text="Two runs failed.", kind="runs")

    told = client.post("/notices/read/", follow=True).content.decode()

    assert "2 marked as read" in told
    assert not Notice.objects.unread().exists()


def test_nobody_reads_or_marks_the_notices_of_others(client, notice):
    client.force_login(make_user("stranger"))

    opened = client.get(f"/notices/{notice.uuid}/")
    client.post("/notices/read/")
    listed = client.get("/notices/").content.decode()

    notice.refresh_from_db()
    assert opened.status_code == 404
    assert notice.read_at is None
    assert notice.text not in listed


def test_one_is_not_told_of_what_one_does_not_want(ada):
    set_preference(user=ada, key="notices.intake", value=False)

    assert notify(user=ada, text="Done.", kind="intake") is None
    assert not Notice.objects.exists()


def test_a_kind_nobody_knows_is_a_mistake_of_ours(ada):
    with pytest.raises(ValueError, match="no kind of notice 'pigeon'"):
        notify(user=ada, text="Coo.", kind="pigeon")


def test_whoever_is_added_to_a_project_is_told_of_it(project):
    grace = make_user("grace")

    add_member(project, grace)
    add_member(project, grace)

    told = Notice.objects.get(user=grace)
    assert told.text == "ada made you contributor in glasses."
    assert told.address == project.get_absolute_url()


def test_starting_a_project_tells_oneself_nothing(project):
    assert not Notice.objects.exists()


@override_settings(
    LABDATA_SENDS_EMAIL=True, LABDATA_PUBLIC_URL="https://lab.example", EMAIL_HOST="x"
)
@pytest.mark.parametrize(("wanted", "count"), [(True, 1), (False, 0), (None, 0)])
def test_mail_is_sent_to_those_who_want_it(
    ada, wanted, count, django_capture_on_commit_callbacks
):
    ada.email = "ada@lab.example"
    set_preference(user=ada, key="notices.email", value=wanted)

    with django_capture_on_commit_callbacks(execute=True):
        notify(user=ada, text="Fitted.", kind="runs", address="/runs/")

    assert len(mail.outbox) == count
    if count:
        assert mail.outbox[0].to == ["ada@lab.example"]
        assert "https://lab.example/runs/" in mail.outbox[0].body


def test_without_a_mail_server_no_mail_is_tried(
    ada, django_capture_on_commit_callbacks
):
    ada.email = "ada@lab.example"
    set_preference(user=ada, key="notices.email", value=True)

    with django_capture_on_commit_callbacks(execute=True):
        notify(user=ada, text="Fitted.", kind="runs")

    assert mail.outbox == []
