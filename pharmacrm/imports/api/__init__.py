"""Imports over REST: the same steps as on the pages."""
