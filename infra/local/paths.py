"""Where the local cloud finds and puts its files, all inside the checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
PACKAGE = BUILD / "local"  # sam.json and deployment.zip
RUN = BUILD / "run"  # of `make run`; tests use directories of their own
CLOUD_VENV = BUILD / "venv-cloud"
LAMBDA_VENV = BUILD / "venv-lambda"
SECRETS = Path(__file__).with_name("secrets.json")
PARAMETERS = Path(__file__).with_name("parameters.json")
