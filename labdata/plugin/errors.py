"""What plug-ins raise: by type, with a message for the person at the bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class InvalidDataset(Exception):
    """The arrays contradict each other, or what was asked of them."""


class UnreadableFile(Exception):
    """The file, not the program, is why it cannot be read."""


class AnalysisError(Exception):
    """The data, not the program, is why there is no result."""


class UnsuitableData(AnalysisError):
    """The dataset cannot support this analysis, whatever the parameters."""


class FitFailed(AnalysisError):
    """The optimiser stopped without a trustworthy minimum."""


class ParameterError(ValueError):
    """What is wrong with the given parameters, keyed by field."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {key: list(messages) for key, messages in errors.items()}
        super().__init__(
            "; ".join(f"{key}: {' '.join(all_)}" for key, all_ in self.errors.items())
        )


class InvalidResult(ValueError):
    """An analysis gave back something else than it declares: its own mistake."""
