"""The HTTP API and the pages: who may ask for what, and the answers.

One folder a feature, each with `routes.py`, `schemas.py` and `service.py`. Nothing here decodes
an image or loads a network.
"""
