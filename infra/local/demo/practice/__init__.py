"""A story of its own: a physiotherapy practice with twelve experts at two sites."""
