"""Zusage: the privacy notice is the program. Layers are floors, features are files; see docs/architecture.md."""

import sys

# botocore takes pyOpenSSL for its connections wherever it finds it, and loads all of cryptography with it at each
# start. It is there for passkeys only: without this module botocore does what it does anywhere else, and uses Python's
# own TLS.
sys.modules["urllib3.contrib.pyopenssl"] = None  # type: ignore[assignment]
