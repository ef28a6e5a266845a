"""Endpoints, one file a subject. A view checks who asks and what, calls one verb, and answers."""
