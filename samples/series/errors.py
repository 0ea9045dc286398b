"""What is wrong with a series as it was written."""


class SeriesError(ValueError):
    """A part of a series cannot be understood; the message is for the person."""
