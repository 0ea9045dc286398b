"""Signing in, tokens, projects, members, materials, error pages and health."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from labdata.common.people.access import Membership
from labdata.common.people.preferences import preference
from labdata.common.people.tokens import TokenGrant
from labdata.common.work.uploads import FORM_OVERHEAD
from samples.models import Material
from tests.samples.factories import make_materials, make_project, make_user


def test_signing_in_leads_to_the_page_that_was_asked_for(client, db):
    make_user("ada")
    asked = client.get("/samples/")

    response = client.post(
        asked.url,
        {"username": "ada", "password": "secret-phrase", "next": "/samples/"},
    )

    assert response.url == "/samples/"


def test_a_wrong_password_is_told_and_the_name_stays(client, db):
    make_user("ada")

    response = client.post("/login/", {"username": "ada", "password": "guess"})

    text = response.content.decode()
    assert 'value="ada"' in text
    assert "correct" in text


def test_too_many_attempts_are_answered_with_when_to_come_back(client, db):
    make_user("ada")

    for _ in range(10):
        response = client.post("/login/", {"username": "ada", "password": "guess"})

    assert response.status_code == 429
    assert "ten minutes" in response.content.decode()


def make_token(client, **values):
    chosen = {"name": "notebook", "scope": "write", "days": "365"} | values
    return client.post(
        "/account/tokens/", {f"token-{key}": value for key, value in chosen.items()}
    )


def token_of(response):
    return re.search(r'data-copy="([0-9a-f]{40,})"', response.content.decode())[1]


def test_a_new_token_is_shown_once_and_works(client, ada):
    token = token_of(make_token(client))

    client.logout()
    answer = client.get(
        "/api/v1/projects/", headers={"Authorization": f"Token {token}"}
    )
    assert answer.status_code == 200
    client.force_login(ada)
    assert token not in client.get("/account/").content.decode()


def test_a_token_says_what_it_is_for_what_it_may_and_when_it_was_used(
    client, ada, project
):
    make_project(ada, "cells")
    token = token_of(make_token(client, scope="read", projects=["cells"], days="30"))
    before = client.get("/account/").content.decode()
    client.get("/api/v1/projects/", headers={"Authorization": f"Token {token}"})

    grant = TokenGrant.objects.get()
    after = client.get("/account/").content.decode()
    assert (grant.name, grant.scope, grant.projects.get().slug) == (
        "notebook",
        "read",
        "cells",
    )
    assert (grant.token.expiry - grant.token.created).days in (29, 30)
    assert 'last used">never</td>' in before
    assert 'last used">never</td>' not in after


def test_a_token_without_a_name_is_asked_for_one(client, ada):
    response = make_token(client, name=" ")

    assert response.context["token_form"].errors["name"] == ["This is needed."]
    assert not TokenGrant.objects.exists()


def test_a_token_is_not_made_for_a_project_of_others(client, ada):
    make_project(make_user("other"), "secret")

    response = make_token(client, projects=["secret"])

    assert "projects" in response.context["token_form"].errors


def test_a_token_can_be_revoked_by_its_owner_alone(client, ada):
    make_token(client)
    address = f"/account/tokens/{TokenGrant.objects.get().token.token_key}/revoke/"

    client.force_login(make_user("mallory"))
    stranger = client.post(address)
    client.force_login(ada)
    told = client.post(address, follow=True).content.decode()

    assert stranger.status_code == 404
    assert "“notebook” no longer works" in told
    assert "You have no token" in told


def like(client, **values):
    chosen = {"start_page": "site:home", "notices": ["intake", "runs", "project"]}
    chosen |= values
    return client.post(
        "/account/preferences/", {f"like-{key}": v for key, v in chosen.items()}
    )


def test_signing_in_leads_to_the_page_one_begins_with(client, ada):
    like(client, start_page="site:samples")
    client.logout()

    response = client.post("/login/", {"username": "ada", "password": "secret-phrase"})

    assert response.url == "/samples/"


def test_forms_begin_with_the_project_one_prefers(client, ada, project):
    make_project(ada, "cells")
    like(client, project="cells")

    form = client.get("/materials/new/").context["form"]

    assert form["project"].value() == "cells"


def test_a_preference_for_what_is_not_there_is_refused(client, ada):
    response = like(client, project="secret", start_page="site:logout")

    assert set(response.context["likes"].errors) == {"project", "start_page"}


@override_settings(LABDATA_SENDS_EMAIL=True)
def test_messages_by_mail_need_an_address(client, ada):
    refused = like(client, by_email="on")
    like(client, by_email="on", email="ada@lab.example")

    ada.refresh_from_db()
    assert "address is needed" in refused.context["likes"].errors["email"][0]
    assert ada.email == "ada@lab.example"
    assert preference(ada, "notices.email") is True


def test_without_a_mail_server_nothing_is_said_of_mail(client, ada):
    assert "e-mail" not in client.get("/account/").content.decode()


def test_a_password_is_changed_and_a_weak_one_refused(client, ada):
    typed = {"old_password": "secret-phrase"}
    weak = typed | {"new_password1": "secret", "new_password2": "secret"}
    good = typed | {"new_password1": "grey-glass-82", "new_password2": "grey-glass-82"}

    refused = client.post("/account/password/", weak)
    changed = client.post("/account/password/", good)

    ada.refresh_from_db()
    assert "too short" in str(refused.context["form"].errors)
    assert changed.url == "/account/"
    assert ada.check_password("grey-glass-82")
    assert client.get("/account/").status_code == 200


def test_whoever_starts_a_project_manages_it(client, ada):
    response = client.post("/projects/new/", {"slug": "cells", "name": "Solar cells"})

    assert response.url == "/projects/cells/"
    assert Membership.objects.get().role == "manager"


def test_managers_add_and_remove_members(client, project):
    make_user("grace")
    address = f"/projects/{project.slug}/members/"

    client.post(address, {"user": "grace", "role": "viewer"})
    added = project.memberships.get(user__username="grace").role
    client.post(address, {"remove": "grace"})

    assert added == "viewer"
    assert not project.memberships.filter(user__username="grace").exists()


def test_a_member_who_does_not_exist_is_told_at_the_field(client, project):
    response = client.post(
        f"/projects/{project.slug}/members/", {"user": "nobody", "role": "viewer"}
    )

    assert response.context["form"].errors["user"] == ["There is no user 'nobody'."]


def test_the_last_manager_cannot_leave(client, project):
    address = f"/projects/{project.slug}/members/"

    response = client.post(address, {"remove": "ada"}, follow=True)

    assert project.memberships.count() == 1
    assert "at least one manager" in response.content.decode()


def test_contributors_do_not_decide_on_members(client, project, grace):
    client.force_login(grace)

    response = client.post(
        f"/projects/{project.slug}/members/", {"user": "ada", "role": "viewer"}
    )

    assert response.status_code == 403
    assert "manager" in response.content.decode()


def test_a_material_is_added_with_its_other_names(client, project):
    client.post(
        "/materials/new/",
        {"name": "agZIF-62", "aliases": "a-ZIF-62, a_g ZIF-62b", "project": "glasses"},
    )

    made = Material.objects.get()
    assert made.project == project
    assert made.names.count() == 3


def test_a_name_that_is_taken_is_refused_at_the_field(client, ada, project):
    make_materials(ada, project, "CsPbI3")

    response = client.post("/materials/new/", {"name": "CsPbI3", "project": "glasses"})

    assert "already means" in response.context["form"].errors["name"][0]


def test_a_formula_gives_the_molar_mass(client, project):
    client.post(
        "/materials/new/",
        {"name": "lead iodide", "formula": "PbI2", "project": "glasses"},
    )

    assert Material.objects.get().molar_mass == pytest.approx(461.0, abs=0.1)


def test_health_needs_nobody_to_be_signed_in(client, db):
    response = client.get("/health/")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_page_that_is_not_there_says_so_kindly(client, ada):
    response = client.get("/samples/00000000-0000-0000-0000-000000000000/")

    assert response.status_code == 404
    assert "nothing you may see" in response.content.decode()


def test_a_form_out_of_date_tells_that_nothing_was_saved(db):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ada"))

    response = client.post("/projects/new/", {"slug": "x", "name": "X"})

    assert response.status_code == 403
    assert "Nothing was saved" in response.content.decode()


@override_settings(LABDATA_MAX_UPLOAD=1000)
def test_an_upload_beyond_the_limit_is_refused_with_the_limit(client, sample):
    response = client.post(
        "/measurements/new/",
        {
            "sample": "C-25",
            "technique": "pl",
            "files": SimpleUploadedFile("big.csv", b"1,2\n" * 1000),
        },
    )

    assert response.status_code == 413
    assert "1000 bytes" in response.content.decode()


@override_settings(LABDATA_MAX_UPLOAD=1000)
def test_a_body_announced_beyond_the_limit_is_answered_by_a_page(client, sample):
    body = b"0" * (FORM_OVERHEAD + 2000)

    response = client.post("/measurements/new/", body, content_type="text/csv")

    assert response.status_code == 413
    assert "<h1>The upload is too large</h1>" in response.content.decode()


def test_no_page_carries_inline_scripts_or_styles(client, sample, measure):
    run = measure(sample).runs.get()
    addresses = [
        "/",
        "/samples/",
        "/samples/new/",
        sample.get_absolute_url(),
        f"/samples/{sample.uuid}/edit/",
        "/processes/new/",
        "/measurements/",
        "/measurements/new/",
        run.measurement.get_absolute_url(),
        run.get_absolute_url(),
        "/explore/?x=composition.CsPbI3&y=pl.fwhm",
        "/materials/",
        "/materials/new/",
        "/account/",
    ]

    for address in addresses:
        text = client.get(address).content.decode()

        assert not re.search(r"\sstyle=|\son\w+=", text), address
        scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text)
        assert all("application/json" in script for script in scripts), address
