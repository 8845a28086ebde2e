"""Global trade item numbers: the bar codes EAN, UPC and ISBN-13."""

import re

_LENGTHS = (8, 12, 13, 14)


def gtin_problem(text: str) -> str | None:
    """Say why the text is not a GTIN of 8, 12, 13 or 14 digits with a right check digit; None for a good one."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch("[0-9]+", digits) or len(digits) not in _LENGTHS:
        return f"'{text}' is not a GTIN of 8, 12, 13 or 14 digits."
    wanted = check_digit(digits[:-1])
    if digits[-1] != wanted:
        return f"'{text}' is not a GTIN: its last digit should be {wanted}."
    return None


def check_digit(digits: str) -> str:
    """Return the digit that completes these: weights 3 and 1 in turn, from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)
