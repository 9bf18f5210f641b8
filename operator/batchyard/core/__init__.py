"""Decisions. Values in, values out: no clock, no chance, no I/O, no logging."""
