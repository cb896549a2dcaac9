"""Reminders: what is due, whether it may be sent, and what a short reply to it means."""
