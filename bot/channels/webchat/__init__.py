"""The web chat: its page lives in `bot.web.chat`; here is what the outbox needs of it."""
