"""What the product exposes over HTTP: one folder a family, one blueprint a resource; what they share is in `http`.

A request's path: `http.gateway` (the middleware that app.py installs) -> Chalice's router -> `http.endpoint` (who may
call, what comes in) -> the view -> one service -> `http.answer` or `http.problem`. `openapi` describes all of it from
the same declarations. `_seldom` lists what is loaded at its first call.
"""
