"""One folder for each way to reach people; `base.py` is what they share."""
