"""One mapping for each kind of resource: from what was read of it to rows of the record."""
