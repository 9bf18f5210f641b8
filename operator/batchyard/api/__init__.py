"""What users write: the kinds as frozen pydantic models, names and labels, models to CRDs. No decisions, no I/O."""
