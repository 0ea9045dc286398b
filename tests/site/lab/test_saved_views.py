"""Views of lists: kept, shared with a project, applied, renamed and forgotten."""

import pytest

from labdata.common.people.saved_views import SavedView, save_view
from tests.samples.factories import add_member, make_project, make_user


def keep(client, **data):
    return client.post(
        "/views/", {"page": "samples", "query": "kind=film", "name": "Films"} | data
    )


def test_a_view_keeps_the_query_without_the_page_one_was_on(client, project):
    response = keep(client, query="kind=film&page=3&q=&technique=pl")

    assert SavedView.objects.get().query == "kind=film&technique=pl"
    assert response.url == "/samples/?kind=film&technique=pl"


def test_a_name_used_again_takes_the_new_query(client, project):
    keep(client)
    keep(client, query="kind=glass", name=" Films ")

    assert SavedView.objects.get().query == "kind=glass"


def test_a_name_is_ones_own_and_of_one_list(client, ada, project, grace):
    save_view(user=grace, page="samples", name="Films", query="kind=mixture")
    keep(client, page="measurements", query="technique=pl")
    keep(client)

    kept = SavedView.objects.values_list("user__username", "page", "query")
    assert set(kept) == {
        ("grace", "samples", "kind=mixture"),
        ("ada", "measurements", "technique=pl"),
        ("ada", "samples", "kind=film"),
    }


def test_a_view_of_ones_own_is_seen_by_nobody_else(client, project, grace):
    keep(client)

    assert not SavedView.objects.visible_to(grace).exists()


def test_a_shared_view_is_seen_by_the_project_alone(client, project, grace):
    keep(client, project=project.slug)

    stranger = make_user("stranger")
    assert SavedView.objects.visible_to(grace).count() == 1
    assert not SavedView.objects.visible_to(stranger).exists()


def test_one_who_may_only_look_shares_nothing(client, project, viewer):
    client.force_login(viewer)

    response = keep(client, project=project.slug)

    assert response.status_code == 403
    assert not SavedView.objects.exists()


def test_a_view_cannot_be_shared_with_a_project_one_does_not_see(client, project):
    make_project(make_user("other"), "secret")

    assert keep(client, project="secret").status_code == 404


def test_a_view_without_a_name_is_refused_in_words(client, project):
    response = client.post(
        "/views/", {"page": "samples", "query": "", "name": " ", "next": "/samples/"}
    )

    assert response.url == "/samples/"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("act", ["rename", "delete"])
def test_only_whoever_saved_a_view_changes_it(client, ada, project, grace, act):
    view = save_view(user=ada, page="samples", name="Films", query="", project=project)
    client.force_login(grace)

    response = client.post(f"/views/{view.uuid}/{act}/", {"name": "Mine"})

    assert response.status_code == 403
    assert SavedView.objects.get().name == "Films"


def test_a_view_gets_another_name_unless_it_is_taken(client, ada, project):
    films = save_view(user=ada, page="samples", name="Films", query="kind=film")
    save_view(user=ada, page="samples", name="Glasses", query="kind=glass")

    client.post(f"/views/{films.uuid}/rename/", {"name": "Glasses"})
    films.refresh_from_db()
    kept = films.name
    client.post(f"/views/{films.uuid}/rename/", {"name": "Thin films"})
    films.refresh_from_db()

    assert (kept, films.name) == ("Films", "Thin films")


def test_a_forgotten_view_leads_back_to_the_list(client, ada, project):
    view = save_view(user=ada, page="samples", name="Films", query="kind=film")

    response = client.post(f"/views/{view.uuid}/delete/", {"next": "//evil.example/"})

    assert response.url == "/samples/"
    assert not SavedView.objects.exists()


def test_views_of_a_project_one_left_are_no_longer_seen(client, ada, project):
    grace = make_user("grace")
    add_member(project, grace)
    save_view(user=ada, page="samples", name="Films", query="", project=project)

    project.memberships.get(user=grace).delete()

    assert not SavedView.objects.visible_to(grace).exists()


def test_a_list_offers_its_views_and_marks_the_one_that_is_shown(
    client, ada, project, grace
):
    save_view(user=ada, page="samples", name="Films", query="kind=film")
    save_view(
        user=grace, page="samples", name="Glasses", query="kind=glass", project=project
    )
    save_view(user=ada, page="runs", name="Elsewhere", query="")

    text = client.get("/samples/?page=1&kind=film").content.decode()

    assert '<a href="/samples/?kind=film" aria-current="true">Films</a>' in text
    assert 'title="Saved by grace">Glasses' in text
    assert "Elsewhere" not in text
    assert "Rename Films" in text and "Rename Glasses" not in text
