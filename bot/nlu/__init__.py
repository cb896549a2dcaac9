"""What runs inside the Rasa server (Python 3.10, its own environment). Imports nothing else of `bot`."""
