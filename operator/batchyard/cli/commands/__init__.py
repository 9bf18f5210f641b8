"""The commands, one file a group: fetch, hand over to `show`, print."""
