"""How many billed segments a text takes (GSM 03.38 and UCS-2, Twilio's "smart encoding" off)."""

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENDED = frozenset("^{}\\[~]|€\f")


def count_segments(text: str) -> int:
    """Segments of one SMS: 160 or 153 GSM-7 characters each, 70 or 67 UTF-16 units when one is outside GSM-7."""
    if all(character in GSM_7 or character in GSM_7_EXTENDED for character in text):
        length = sum(2 if character in GSM_7_EXTENDED else 1 for character in text)
        return 1 if length <= 160 else -(-length // 153)
    length = len(text.encode("utf-16-le")) // 2
    return 1 if length <= 70 else -(-length // 67)
