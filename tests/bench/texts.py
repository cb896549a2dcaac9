"""What is asked while measuring: plain questions that the record answers, each wording used once.

The model remembers texts that it embedded before, in our server and in the stock one; a measured text is new.
"""

from collections.abc import Iterator
from itertools import product

QUESTIONS = (
    "when is my next appointment",
    "where is my next appointment",
    "who is my next appointment with",
    "what time is my next visit",
    "how do I prepare for my appointment",
    "list all my appointments",
    "what day is my next appointment",
    "what is the address for my appointment",
)
OPENINGS = ("", "Hi, ", "Hello, ", "Please tell me, ", "Good morning, ", "Good afternoon, ", "Excuse me, ", "Sorry, ")
ENDINGS = ("?", " please?", ", please", "? Thanks", "? Thank you", "??", " thanks", "? I forgot")


def new_texts() -> Iterator[str]:
    """512 different texts, the questions taking turns."""
    for (opening, ending), question in product(product(OPENINGS, ENDINGS), QUESTIONS):
        yield f"{opening}{question}{ending}"
