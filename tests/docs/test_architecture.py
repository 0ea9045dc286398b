"""What the document on architecture says is so: its picture, the modules it names."""

import re
from pathlib import Path

from docs import draw_architecture

ROOT = Path(draw_architecture.__file__).resolve().parents[1]
NAMED = re.compile(r"`((?:labdata|samples|measurements|analysis)(?:\.[a-z_0-9]+)+)`")


def test_the_picture_is_of_todays_layers():
    drawn = draw_architecture.draw(draw_architecture.read_layers())

    # `python -m docs.draw_architecture` draws it anew.
    assert draw_architecture.PICTURE.read_text(encoding="utf-8") == drawn


def test_layers_import_downwards_and_rooms_stand_above_what_they_import():
    layers = draw_architecture.read_layers()
    names = [layer.name for layer in layers]

    assert len(names) >= 7
    for layer in layers:
        assert all(
            names.index(other) > names.index(layer.name) for other in layer.below
        )
    rows = {layer.name: layer.rows for layer in layers}
    site = [room for row in rows["labdata.site"][:-1] for room in row]
    assert "lab" in site
    assert set(rows["labdata.site"][-1]) == {"drawings", "kit"}


def test_rooms_that_import_each_other_are_one_knot_in_one_row():
    imports = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": set()}
    knots = draw_architecture._knots(imports)

    assert frozenset("bc") in knots
    assert draw_architecture._rows(imports, knots) == (("a",), ("b", "c"), ("d", "e"))


def test_every_module_the_document_names_is_there():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = set(NAMED.findall(text))
    lost = [name for name in named if not _is_there(name)]

    assert len(named) > 25
    assert lost == []


def _is_there(name: str) -> bool:
    """A module, a package, or a function that a module defines."""
    place = ROOT.joinpath(*name.split("."))
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    module = place.parent.with_suffix(".py")
    function = rf"^def {place.name}\("
    return module.is_file() and bool(re.search(function, module.read_text(), re.M))
