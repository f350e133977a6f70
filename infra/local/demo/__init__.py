"""The product's story, told step by step on the deployed stack: `python -m infra.local.demo`."""
