"""`batchyard` and `kubectl batchyard`: what people type and read. Works with the caller's own rights; decides nothing about jobs."""
