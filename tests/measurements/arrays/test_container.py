"""What is stored comes back bit for bit, or is refused."""

import io
import multiprocessing

import numpy as np
import pytest

from labdata.plugin import Dataset, InvalidDataset
from measurements.arrays.container import (
    Container,
    CorruptDataset,
    digest,
    identity,
    pack,
    unpack,
)
from measurements.registry import techniques


def test_a_series_comes_back_whole(series):
    data = pack(series)

    back = unpack(data, digest(data))

    assert back.equals(series)
    assert back["branch"].tolist() == series["branch"].tolist()


def test_a_map_comes_back_whole_and_small(cube):
    data = pack(cube)

    assert unpack(data, digest(data)).equals(cube)
    assert len(data) / cube.size < 1.0


def test_a_long_curve_costs_less_than_five_bytes_a_point():
    rng = np.random.default_rng(0)
    wavelength = np.linspace(500, 900, 2000)
    counts = rng.poisson(1000 * np.exp(-(((wavelength - 700) / 30) ** 2)) + 50)
    curve = Dataset.curve(("wavelength", "nm", wavelength), counts=("1", counts))

    assert len(pack(curve)) / 2000 < 5


def test_special_numbers_survive():
    values = np.array([-0.0, np.nan, 5e-324, 1.7976931348623157e308])
    curve = Dataset.curve(("x", "1", np.arange(4)), y=("1", values))
    data = pack(curve)

    back = unpack(data, digest(data))["y"]

    assert back.tobytes() == values.tobytes()


def test_every_flipped_bit_is_noticed():
    data = pack(techniques["pl"].example())
    sha256 = digest(data)
    rng = np.random.default_rng(1)

    for place in rng.integers(0, len(data), 60):
        broken = bytearray(data)
        broken[place] ^= 1 << int(rng.integers(8))
        with pytest.raises(CorruptDataset):
            unpack(bytes(broken), sha256)


def test_a_channel_is_verified_when_read_alone():
    data = bytearray(pack(techniques["pl"].example()))
    data[-20] ^= 1
    container = Container(io.BytesIO(bytes(data)))

    assert container.read("wavelength")[0] == 575.0
    with pytest.raises(CorruptDataset, match="counts of the stored dataset"):
        container.read("counts")


@pytest.mark.parametrize("place", [0, 9, 20, 60])
def test_a_damaged_beginning_is_noticed_without_the_hash(place):
    data = bytearray(pack(techniques["pl"].example()))
    data[place] ^= 4

    with pytest.raises(CorruptDataset):
        Container(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("length", [0, 10, 200, -1])
def test_a_container_that_ends_early_is_corrupt(length):
    data = pack(techniques["pl"].example())[:length]

    with pytest.raises(CorruptDataset):
        Container(io.BytesIO(data)).dataset()


def test_one_channel_is_read_without_the_others(series):
    data = pack(
        Dataset.curve(
            ("x", "1", np.arange(5)), y=("1", np.arange(5)), z=("nm", np.ones(5))
        )
    )

    part = unpack(data, digest(data), names={"z"})

    assert part.names == ["x", "z"]
    with pytest.raises(InvalidDataset, match="no channel 'w'"):
        unpack(data, digest(data), names={"w"})


def test_chunks_are_put_together_in_order():
    values = np.arange(1_400_000.0)
    curve = Dataset.curve(("x", "1", values), y=("1", -values))
    data = pack(curve)

    assert len(Container(io.BytesIO(data)).parts["y"]["chunks"]) == 3
    assert unpack(data, digest(data)).equals(curve)


def test_identity_follows_the_reader_not_the_compression():
    base = identity("ab" * 32, "edinburgh_csv", 1, "scan", 0)

    assert base == identity("ab" * 32, "edinburgh_csv", 1, "scan", 0)
    others = {
        identity("ba" * 32, "edinburgh_csv", 1, "scan", 0),
        identity("ab" * 32, "delimited_text", 1, "scan", 0),
        identity("ab" * 32, "edinburgh_csv", 2, "scan", 0),
        identity("ab" * 32, "edinburgh_csv", 1, "scan 2", 0),
        identity("ab" * 32, "edinburgh_csv", 1, "scan", 1),
    }
    assert len(others - {base}) == 5


def _unpack_in_child(data, sha256, queue):
    queue.put(unpack(data, sha256)["counts"].sum())


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_worker_can_unpack(cube):
    data = pack(cube)
    sha256 = digest(data)
    unpack(data, sha256)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    child = context.Process(target=_unpack_in_child, args=(data, sha256, queue))
    child.start()
    total = queue.get(timeout=20)
    child.join(timeout=20)

    assert total == cube["counts"].sum()
