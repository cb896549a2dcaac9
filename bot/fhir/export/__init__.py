"""One person's whole file, by their right of access: a FHIR R4 bundle and a page to read."""
