"""Zusage: the privacy notice is the program. Layers are floors, features are files; see docs/architecture.md."""
