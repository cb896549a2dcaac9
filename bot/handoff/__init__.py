"""Tickets: what a person has to answer. Opened by turns, timers and lost messages; worked on in the console."""
