"""What can go wrong in training, for the operator to mend."""


class TrainingError(Exception):
    """Training cannot go on; the text says what mends it."""


class TrainingDataError(TrainingError):
    """A training set that cannot be learned from."""


class AdapterError(TrainingError):
    """An adapter that doesn't fit."""
