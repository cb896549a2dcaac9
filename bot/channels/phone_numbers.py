"""Phone numbers as people and records write them, in the one form in which they are stored."""

import phonenumbers


def as_e164(text: str, country: str | None = None) -> str | None:
    """E.164, or None when it is no possible number. `country` (ISO 3166-1) is for one without its code."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
