"""Rows for tests, made through the services that requests go through."""

from django.contrib.auth import get_user_model

from labdata.common.people import projects
from labdata.common.people.access import Role
from samples import services


def make_user(name="ada", **fields):
    return get_user_model().objects.create_user(
        name, password="secret-phrase", **fields
    )


def make_project(user, slug="glasses"):
    return projects.create_project(user=user, slug=slug, name=slug.title())


def add_member(project, user, role=Role.CONTRIBUTOR):
    manager = project.memberships.filter(role=Role.MANAGER).first().user
    projects.set_member(
        user=manager, project=project, username=user.get_username(), role=role
    )


def make_materials(user, project, *names):
    return [
        services.create_material(user=user, project=project, name=name)
        for name in names or ("CsPbI3", "agZIF-62")
    ]


def make_sample(user, project, code="S-1", **values):
    values.setdefault("kind", "composite")
    return services.create_sample(user=user, project=project, code=code, **values)


def make_process(user, project, kind="sintering", **values):
    return services.create_process(user=user, project=project, kind=kind, **values)


def facts_of(sample, *, process=None, cell=None):
    """The default facts of a sample, or of a cell of it, in a state, by variable."""
    subject = sample.subjects.get(process=process, cell__label=cell)
    return {
        fact.variable.key: fact.value if fact.value is not None else fact.text
        for fact in subject.facts.filter(is_default=True).select_related("variable")
    }
