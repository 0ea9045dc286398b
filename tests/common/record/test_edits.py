"""Edits of one record after the other; a row that has gone stale saves nothing."""

import ast

import pytest
from django.db import transaction
from django.http import Http404

from labdata.common.api.errors import Conflict
from labdata.common.record.edits import held, hold, hold_many, save_edit
from samples import services
from samples.models import Sample
from tests.architecture.test_shape import own_code, shown
from tests.samples.factories import make_project, make_sample, make_user
from tests.together import beginning_during

LOCK_OUTSIDE = "begin one around the edit"


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def sample(ada):
    return make_sample(ada, make_project(ada), "S-1")


def again(sample):
    return Sample.objects.get(pk=sample.pk)


def test_a_stale_row_saves_nothing(ada, sample):
    stale = again(sample)
    services.update_sample(user=ada, sample=sample, notes="newer")
    stale.location = "elsewhere"

    with pytest.raises(Conflict, match="S-1 was changed at the same moment"):
        save_edit(stale)

    now = again(sample)
    assert (now.notes, now.location, now.version) == ("newer", "", 2)


def test_holding_a_row_reads_what_others_saved(ada, sample):
    stale = again(sample)
    services.update_sample(user=ada, sample=sample, notes="newer")

    hold(stale)

    assert (stale.notes, stale.version) == ("newer", 2)


def test_services_change_the_newest_row_whatever_they_are_given(ada, sample):
    stale = again(sample)
    services.update_sample(user=ada, sample=sample, notes="newer")

    services.update_sample(user=ada, sample=stale, location="elsewhere")

    now = again(sample)
    assert (now.notes, now.location, now.version) == ("newer", "elsewhere", 3)


def test_a_row_deleted_meanwhile_is_not_there(sample):
    gone = again(sample)
    sample.delete()

    for hold_it in (hold, lambda row: held(row, Sample.objects.all())):
        with pytest.raises(Http404, match="S-1 was deleted meanwhile"):
            hold_it(gone)


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction_on_every_database(ada, sample):
    for take in (hold, lambda row: hold_many(Sample.objects.filter(pk=row.pk))):
        with pytest.raises(transaction.TransactionManagementError, match=LOCK_OUTSIDE):
            take(sample)


@pytest.mark.django_db(transaction=True)
def test_what_others_changed_meanwhile_is_read_with_its_references(ada, sample):
    """PostgreSQL would show a reference that changed while it waited as empty."""

    def read_held():
        with transaction.atomic():
            row = held(sample, Sample.objects.select_related("batch"))
            return row.batch.code

    def read_many():
        with transaction.atomic():
            found = hold_many(Sample.objects.filter(pk=sample.pk))
            return [row.batch.code for row in found.select_related("batch")]

    with beginning_during([read_held, read_many]) as answers:
        services.update_sample(user=ada, sample=again(sample), batch="B-2")

    assert answers == ["B-2", ["B-2"]]


def test_versions_grow_where_stale_rows_are_refused_and_nowhere_else():
    """Whoever raises a version by hand has to hold the rows, many of them at once."""
    raising = {
        path: text
        for path in own_code()
        if path.suffix == ".py" and "tests" not in path.parts
        for text in [path.read_text(encoding="utf-8")]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.AugAssign)
        and isinstance(node.target, ast.Attribute)
        and node.target.attr == "version"
    }

    assert (
        shown(path for path, text in raising.items() if "hold_many" not in text) == []
    )
