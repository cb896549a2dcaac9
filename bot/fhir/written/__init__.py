"""What we write to a FHIR server: our rows as its resources."""
