"""The demo clinic: people and records as data (`clinic.yml`), written relative to the present (`seed.py`)."""
