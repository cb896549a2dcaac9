"""Read-only answers from the record: whose it is, visits, medicines, doses, conflicts, help outside the clinic."""
