"""Northstar. Kept empty: `bot.nlu` is imported under Python 3.10, everything else under 3.11 or newer."""
