"""What runs on nodes: the shell programs and the values that describe their protocol."""
