"""FHIR R4 in and out: bundles and bulk exports become rows of the record, and what they cannot be is said."""
