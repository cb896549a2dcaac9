"""What is measured, in which order. Ours and the stock server take turns, so that both see the same machine."""

import time
from collections.abc import Iterator
from itertools import cycle, islice
from statistics import median, quantiles

from bot.bootstrap import make_desk
from bot.commands.understand import Line, understand_line
from bot.dialogue.client import RasaClient
from bot.settings import CHECKOUT, read_settings
from bot.tokens import tokens
from tests.bench.ours import Ours
from tests.bench.stock import Stock
from tests.bench.texts import new_texts

FIRST_TURNS = 20
STEADY_TURNS = 100
LONG_CONVERSATION = 1_000
LAST_TURNS = 20
CONVERSATIONS = 8
STEADY_CONVERSATIONS = 4
TURNS_AT_ONCE = 160
UNDERSTOOD = 100
WARM_UP_TURNS = 10
# With each server: one person for every first turn, and some who go on talking.
PEOPLE = FIRST_TURNS + CONVERSATIONS + 2

Figures = dict[str, float]


class Bench:
    """One run. `figures` grow as it goes; `runs` says how many measurements are behind each."""

    def __init__(self, ours: Ours, stock: Stock) -> None:
        self.ours = ours
        self.stock = stock
        self.figures: Figures = {}
        self.runs: dict[str, int] = {}
        self._phones = iter(ours.phones)
        self._senders = iter(ours.senders)
        self._texts: Iterator[str] = new_texts()

    def warm_up(self) -> None:
        phone, sender = next(self._phones), next(self._senders)
        for text in islice(self._texts, WARM_UP_TURNS):
            self.ours.turn_ms(phone, text)
            self.stock.turn_ms(sender, text)

    def first_turns(self) -> None:
        ours, stock = [], []
        for text in islice(self._texts, FIRST_TURNS):
            ours.append(self.ours.turn_ms(next(self._phones), text))
            stock.append(self.stock.turn_ms(next(self._senders), text))
        self.keep("turn_1_p50_ms", median(ours), FIRST_TURNS)
        self.keep("stock_turn_1_p50_ms", median(stock), FIRST_TURNS)

    def long_conversation(self) -> None:
        """Ours takes every turn; the stock server's turns 2 to 980 are its first one, written again."""
        phone, sender = next(self._phones), next(self._senders)
        last = list(islice(self._texts, LAST_TURNS))
        before = list(islice(self._texts, STEADY_TURNS))
        self.stock.turn_ms(sender, before[0])
        self.stock.repeat_turns(sender, LONG_CONVERSATION - LAST_TURNS - 1)
        for text in islice(cycle(before), LONG_CONVERSATION - LAST_TURNS):
            self.ours.turn_ms(phone, text)
        pairs = [(self.ours.turn_ms(phone, text), self.stock.turn_ms(sender, text)) for text in last]
        self.keep("turn_1000_p50_ms", median(ours for ours, _ in pairs), LAST_TURNS)
        self.keep("stock_turn_1000_p50_ms", median(stock for _, stock in pairs), LAST_TURNS)

    def steady_turns(self) -> None:
        """Turns 2 to 26 of four conversations with each, then eight with us at once."""
        phones = list(islice(self._phones, CONVERSATIONS))
        senders = list(islice(self._senders, STEADY_CONVERSATIONS))
        for phone in phones:
            self.ours.turn_ms(phone, next(self._texts))
        for sender in senders:
            self.stock.turn_ms(sender, next(self._texts))
        ours, stock = [], []
        talks = zip(
            cycle(phones[:STEADY_CONVERSATIONS]), cycle(senders), islice(self._texts, STEADY_TURNS), strict=False
        )
        for phone, sender, text in talks:
            ours.append(self.ours.turn_ms(phone, text))
            stock.append(self.stock.turn_ms(sender, text))
        self.keep("turn_p50_ms", median(ours), STEADY_TURNS)
        self.keep("turn_p95_ms", quantiles(ours, n=20)[-1], STEADY_TURNS)
        self.keep("stock_turn_p50_ms", median(stock), STEADY_TURNS)
        self.keep("stock_turn_p95_ms", quantiles(stock, n=20)[-1], STEADY_TURNS)
        texts = list(islice(self._texts, TURNS_AT_ONCE))
        self.keep("turns_per_s", self.ours.turns_per_s(phones, texts), len(texts))

    def understanding(self) -> None:
        """Understanding alone, by the code of a turn, through the running server."""
        settings = read_settings(self.ours.site.settings(), CHECKOUT)
        understander = make_desk(settings).understander
        rasa = RasaClient(settings.rasa_url, tokens(settings.data_dir).rasa)
        times = []
        for number, text in enumerate(islice(new_texts(), UNDERSTOOD)):
            line = Line(id=number, text=f"{text} Number {number}", language="en")
            began = time.monotonic()
            understand_line(understander, rasa, line)
            times.append((time.monotonic() - began) * 1000)
        rasa.close()
        self.keep("understand_p50_ms", median(times), UNDERSTOOD)

    def conclude(self) -> None:
        got = self.figures
        self.keep("turn_1000_over_turn_1", got["turn_1000_p50_ms"] / got["turn_1_p50_ms"])
        self.keep("ours_over_stock_turn_1", got["turn_1_p50_ms"] / got["stock_turn_1_p50_ms"])
        self.keep("stock_over_ours_turn_1000", got["stock_turn_1000_p50_ms"] / got["turn_1000_p50_ms"])
        app, rasa = self.ours.peak_rss_mb()
        self.keep("peak_rss_app_mb", app)
        self.keep("peak_rss_rasa_mb", rasa)
        self.keep("texts_not_answered", self.ours.tickets())

    def keep(self, name: str, value: float, runs: int = 1) -> None:
        self.figures[name] = round(value, 3)
        self.runs[name] = runs
