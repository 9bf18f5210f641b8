"""Decisions about tasks: order and places, what their ends mean, and what becomes of them."""
