"""What every stage shares: vocabulary, errors, tables, records."""
