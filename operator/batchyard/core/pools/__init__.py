"""Decisions about pools and their nodes: who belongs, who serves, who goes, and what is said of them."""
