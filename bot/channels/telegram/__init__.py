"""Telegram through the Bot API: private chats, text and inline buttons, by webhook or long polling."""
