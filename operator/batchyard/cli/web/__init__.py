"""`batchyard ui`: serves a page on this machine and answers what it asks, with the caller's own rights. Writes nothing."""
