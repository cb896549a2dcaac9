"""What Northstar speaks about, in plain values: standard library only, imported by every other package."""
