"""The stand-alone verifier: `verify.py` is copied into every export and needs Python alone."""
