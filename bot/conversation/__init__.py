"""A text arrives, a turn is taken: the inbox, who writes, what it means, what is done about it."""
