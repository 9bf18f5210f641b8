"""The chart's README: what is written by hand, and a table of every value; `python -m tests.chart.readme` writes the table anew."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "charts" / "batchyard"
FILE = CHART / "README.md"
BEGIN = "<!-- Written by `make chart-readme` from values.yaml and its schema. -->\n"
_KEY = re.compile(r"( *)([A-Za-z]+):")


def meanings() -> dict[str, str]:
    """What the comment above each value says, by its path: `# -- ...` and the lines of comment that follow."""
    found: dict[str, str] = {}
    above, said = list[str](), list[str]()
    for line in (CHART / "values.yaml").read_text().splitlines():
        text = line.strip()
        if text.startswith("# -- "):
            said = [text.removeprefix("# -- ")]
        elif text.startswith("#") and said:
            said.append(text.removeprefix("# "))
        elif match := _KEY.match(line):
            above = [*above[: len(match[1]) // 2], match[2]]
            if said:
                found[".".join(above)] = " ".join(said)
            said = []
        else:
            said = []
    return found


def table() -> str:
    schema, values = (read((CHART / name).read_text()) for name, read in _FILES)
    told = meanings()
    rows = [f"| `{path}` | {_type(path, schema)} | {_default(values, path)} | {_cell(told[path])} |" for path in told]
    return "\n".join([BEGIN, "| value | type | default | meaning |", "|---|---|---|---|", *rows, ""])


_FILES: tuple[tuple[str, Any], ...] = (("values.schema.json", json.loads), ("values.yaml", yaml.safe_load))


def text() -> str:
    """The file with its table as it should be."""
    return FILE.read_text().partition(BEGIN)[0] + table()


def _type(path: str, schema: dict[str, Any]) -> str:
    of = schema
    for word in path.split("."):
        of = of["properties"][word]
        of = schema["definitions"][of["$ref"].rpartition("/")[2]] if "$ref" in of else of
    return " or ".join(f"`{each}`" for each in of["enum"]) if "enum" in of else str(of["type"])


def _default(values: Any, path: str) -> str:
    for word in path.split("."):
        values = values[word]
    return f"`{json.dumps(values)}`"


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    FILE.write_text(text())
