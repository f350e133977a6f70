"""What surrounds the program and is never packaged: the template, the packaging tools and the local cloud."""
