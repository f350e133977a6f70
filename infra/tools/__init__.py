"""Commands that build, check and render; each runs from the project's root as `python -m infra.tools.<name>`."""
