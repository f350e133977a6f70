"""Compiled files beside every source: functions can't keep their own, since the place they run from is read-only.

Without them each cold start compiles all that it imports, which takes longer than everything else it does. The files
are for the Python that packages, which is the one that Lambda runs (see docs/decisions/0001-packaging.md). They are
never compared with their source, and hold the path under which Lambda unpacks it.
"""

import compileall
from pathlib import Path
from py_compile import PycInvalidationMode

UNPACKED_AT = "/var/task"


class CompilationError(Exception):
    """Raised when a source of the bundle is not valid Python."""


def compile_all(folder: Path) -> None:
    """Puts a compiled file beside each source below `folder`."""
    done = compileall.compile_dir(
        folder,
        maxlevels=50,
        quiet=2,
        force=True,
        stripdir=str(folder),
        prependdir=UNPACKED_AT,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise CompilationError("a source of the bundle does not compile")
