"""What is shown, as pure functions: objects in, text out. No cluster, no clock, no terminal."""
