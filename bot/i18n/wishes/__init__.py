"""Which days somebody wishes for, read from a text in their own language."""

from bot.i18n.wishes.loading import empty_sections
from bot.i18n.wishes.reader import Wishes
from bot.i18n.wishes.wish import Part, Wish

__all__ = ["Part", "Wish", "Wishes", "empty_sections"]
