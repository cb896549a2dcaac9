"""The outbox: render once, enqueue in the transaction of the cause, deliver, take receipts."""

from bot.outbox.enqueue import Say, enqueue, enqueue_text
from bot.outbox.receipts import apply_receipt

__all__ = ["Say", "apply_receipt", "enqueue", "enqueue_text"]
