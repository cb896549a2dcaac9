"""Coordinators' pages: log in, see who waits, take a ticket, answer, resolve."""
