"""How often a test repeats what chance decides: seldom in ``make test``, in full with
``--proof``. So are further cases of one kind that take long, marked ``proof``.

Whatever is counted in hundreds (draws of noise, kills, generated questions) asks the
fixture ``draws`` for its number. In full it holds the bounds that stand in the test.
With fewer draws a share or a mean is known less well: it must agree with those bounds
as far as chance allows, once in a thousand cases aside.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import stats

CHANCE = 1e-3


@dataclass
class Draws:
    """The number of repeats of one test, and the bounds that this number can hold."""

    is_full: bool
    told: list = field(default_factory=list)
    few: int = 1
    full: int = 1

    def __call__(self, few: int, full: int) -> int:
        """Choose between the number of every day and the full one."""
        assert few <= full
        self.few, self.full = few, full
        number = full if self.is_full else few
        self.told.append(("draws", number))
        return number

    @property
    def number(self) -> int:
        return self.full if self.is_full else self.few

    def agree(self, inside, low: float, high: float = 1.0) -> bool:
        """Whether a share is between two bounds, for all that its draws can say.

        Parameters
        ----------
        inside
            What each draw gave, true or false, shape (n,) or (n, k) for k shares.
        low, high
            The bounds that the share holds in the full number of draws, ends included.
        """
        inside = np.asarray(inside, bool)
        hits, draws = inside.sum(axis=0), len(inside)
        if self.is_full:
            return bool(np.all((low <= hits / draws) & (hits / draws <= high)))
        too_few = stats.binom.cdf(hits, draws, low) < CHANCE
        too_many = stats.binom.sf(hits - 1, draws, high) < CHANCE
        return not bool(np.any(too_few | too_many))

    def are_pulls(
        self, pulls, *, bias: float, width: tuple[float, float] | None = None
    ) -> bool:
        """Whether pulls (deviation over its standard error) have no bias, and a width.

        The bounds are those of the full number; chance moves a mean of fewer pulls
        further by its standard error, and their standard deviation by its own.
        """
        pulls = np.asarray(pulls, float)
        z = stats.norm.isf(CHANCE)
        more = 0.0 if self.is_full else z * (self.few**-0.5 - self.full**-0.5)
        fits = np.abs(pulls.mean(axis=0)) < bias + more
        if width is not None:
            low, high = width
            spread = pulls.std(axis=0)
            share = more / np.sqrt(2)
            fits &= (low * (1 - share) < spread) & (spread < high * (1 + share))
        return bool(np.all(fits))


def pytest_addoption(parser):
    parser.addoption(
        "--proof",
        action="store_true",
        help="run only the tests that repeat what chance decides, in full number",
    )


@pytest.fixture
def draws(request):
    """The number of repeats of this test: ``draws(40, 400)`` is 40, in proof 400."""
    return Draws(request.config.getoption("proof"), request.node.user_properties)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "proof: one more of a kind that is tested already; `make proof` only"
    )


def pytest_collection_modifyitems(config, items):
    is_proof = config.getoption("proof")
    chosen, left = [], []
    for item in items:
        of_proof = item.get_closest_marker("proof") is not None
        wanted = of_proof or "draws" in item.fixturenames if is_proof else not of_proof
        (chosen if wanted else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = chosen
