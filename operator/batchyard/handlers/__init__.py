"""The only importer of kopf: start-up, probes, watches of the slow kinds. Nothing is decided here."""
