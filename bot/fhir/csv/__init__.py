"""CSV files of clinics without FHIR: each row becomes FHIR resources, which the import of FHIR takes."""
