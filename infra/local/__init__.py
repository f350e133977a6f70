"""The local cloud: the real deployment artefact on an emulator, with simulated providers and an inbox. See cloud.py."""
