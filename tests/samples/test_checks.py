"""What settings ask for and cannot have is named when the lab starts."""

import pytest

from samples.checks import check_promoted_descriptors


@pytest.mark.parametrize(
    ("named", "is_refused"),
    [([], False), (list("abcd"), False), (list("abcde"), True), (["a", "a"], True)],
)
def test_no_promoted_descriptor_is_left_out_in_silence(settings, named, is_refused):
    settings.LABDATA_PROMOTED_DESCRIPTORS = named

    found = check_promoted_descriptors(None)

    assert [one.id for one in found] == ["labdata.E001"] * is_refused
    assert all(f"names {len(named)} variables" in one.msg for one in found)
