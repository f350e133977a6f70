"""The merge template, put together from the small files of infra/template.

`each_function.json` is written once and stands for every function: `<name>` is its name in Chalice, `<Camel>` that name
as Chalice writes it in logical ids, `<Function>` the logical id of the function itself. A new function gets its log
group and alarms with its entry in .chalice/config.json.
"""

import json
import re
from pathlib import Path
from typing import Any

Template = dict[str, Any]

EACH_FUNCTION = "each_function.json"


def fragment_files(root: Path) -> list[Path]:
    """The files that the merge template is made of, in a fixed order."""
    return sorted((root / "infra" / "template").glob("*.json"))


def merged(root: Path, *, stage: str) -> Template:
    """One template for `chalice package --merge-template`, which can be deployed as this stage only."""
    template: Template = {}
    for path in fragment_files(root):
        if path.name == EACH_FUNCTION:
            for name in function_names(root):
                _merge(template, json.loads(_for_function(path.read_text(), name)), path.name)
        else:
            _merge(template, json.loads(path.read_text()), path.name)
    template["Parameters"]["Stage"] = {"Type": "String", "Default": stage, "AllowedValues": [stage]}
    return template


def function_names(root: Path) -> list[str]:
    """The functions' names in Chalice, as .chalice/config.json lists them."""
    config = json.loads((root / ".chalice" / "config.json").read_text())
    return list(config["lambda_functions"])


def camel(name: str) -> str:
    """A function's name as Chalice writes it in the logical ids of its role and log group."""
    return "".join(word[:1].upper() + word[1:] for word in re.split("[-_]", name))


def logical_id(name: str) -> str:
    """The logical id that Chalice gives a function; the API's is an exception."""
    return "APIHandler" if name == "api_handler" else camel(name)


def _for_function(text: str, name: str) -> str:
    return text.replace("<Function>", logical_id(name)).replace("<Camel>", camel(name)).replace("<name>", name)


def _merge(into: Template, more: Template, where: str) -> None:
    """Dictionaries are joined; anything else may be said once only."""
    for key, value in more.items():
        if key not in into:
            into[key] = value
        elif isinstance(into[key], dict) and isinstance(value, dict):
            _merge(into[key], value, f"{where}: {key}")
        else:
            raise ValueError(f"{where}: {key} is said twice")
