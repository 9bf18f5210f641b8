"""Builders of the manifests of everything that runs on nodes. Values in, manifests out; one file per kind of Pod."""
