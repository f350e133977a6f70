"""What the product exposes over HTTP: one blueprint a resource; files that begin with `_` are the machinery they share.

A request's path: `_gateway` (the middleware that app.py installs) -> Chalice's router -> `_endpoint` (who may call,
what comes in) -> the view -> one service -> `_answer` or `_problem`. `openapi` describes all of it from the same
declarations.
"""
