"""Decisions about jobs: their states, preparation and release on each node, their end, and what is said of them."""
