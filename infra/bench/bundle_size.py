"""How large the bundle of the production stage is."""

from infra.bench.figures import Figure
from infra.local.paths import BUILD, ROOT
from infra.tools.package import package


def run() -> list[Figure]:
    """Zipped, as it is uploaded."""
    bundle = package(root=ROOT, stage="prod", out=BUILD / "prod") / "deployment.zip"
    return [Figure("bundle, zipped", bundle.stat().st_size / 1e6, "MB", 30)]
