"""What the registries say in words, and the document that is written of it."""

import pytest
from django.conf import settings
from django.core.management import call_command

from analysis.contract import nomenclature
from analysis.contract.quantities import quantities
from analysis.contract.registry import analyses
from labdata.common.registry import Distribution
from labdata.common.text.title import split_title
from labdata.plugin import Quantity
from labdata.running.management.commands import nomenclature as command
from measurements.registry import readers, techniques
from measurements.text.columns import known_titles, plain


def test_the_document_is_as_the_registries_are():
    written = (settings.BASE_DIR / "docs/nomenclature.md").read_text(encoding="utf-8")

    # `manage.py nomenclature` writes it anew.
    assert written == nomenclature.to_markdown()


def test_what_a_package_beside_labdata_adds_is_not_in_the_document():
    before = nomenclature.to_markdown()
    quantities.add(Quantity("toy.size", "nm", "Toy size"), Distribution("toy", "1"))

    try:
        assert nomenclature.to_markdown() == before
    finally:
        del quantities._specs["toy.size"], quantities._origins["toy.size"]


def test_the_command_writes_the_document(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "PLACE", tmp_path / "nomenclature.md")

    call_command("nomenclature", verbosity=0)

    text = (tmp_path / "nomenclature.md").read_text(encoding="utf-8")
    assert text == nomenclature.to_markdown()


def test_everything_registered_is_in_the_document():
    text = nomenclature.to_markdown()

    ours = [
        one.key
        for registry in (techniques, readers, analyses)
        for one in registry
        if nomenclature.comes_with_labdata(one)
    ]
    assert len(ours) > 20
    assert [key for key in ours if f"`{key}`" not in text] == []
    assert "toy_peaks" not in text
    for technique in techniques:
        for one in technique.conditions:
            assert f"`measurement.{technique.key}.{one.key}`" in text


@pytest.mark.parametrize("technique", techniques, ids=lambda one: one.key)
def test_titles_are_understood_with_their_unit_in_any_usual_way(technique):
    known = known_titles(technique)
    notes = nomenclature.describe_technique(technique)
    misunderstood = [
        written
        for part in notes.parts
        for title in part.titles
        for written in (
            title,
            title.upper(),
            f"{title} ({part.unit or 'a.u.'})",
            f"{title} [{part.unit or 'counts'}]",
            f"{title} / {part.unit}" if part.unit.isalpha() else title,
        )
        if plain(split_title(written).name) not in known
    ]

    assert technique.named_by_file or notes.parts
    assert misunderstood == []


def test_a_technique_has_its_readers_and_what_is_computed_of_it():
    notes = nomenclature.describe_technique(techniques["jv"])

    assert {one.key for one in notes.readers} >= {"jv_delimited", "hzb_jv"}
    assert {one.key for one in notes.general_readers} == {"delimited_text"}
    assert [one.analysis.key for one in notes.analyses if one.is_default] == [
        "jv_metrics"
    ]
    assert "jv.pce" in {one.key for one in notes.analyses[0].quantities}


def test_ranges_are_told_in_words():
    settings_of = {
        one.key: one
        for one in nomenclature.describe_technique(techniques["jv"]).settings
    }

    assert settings_of["temperature"].allowed == "at least −273.15"
    assert settings_of["light"].allowed == "light or dark"
    assert settings_of["lamp"].allowed == "text"
    assert settings_of["irradiance"].unit == "mW/cm²"
