"""The page's own modules, run in Node."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from bundler.bundle import packages
from bundler.ground import layout

PROGRAM = """
import { readFileSync } from 'node:fs';
const { module, name, calls } = JSON.parse(readFileSync(0, 'utf8'));
const { [name]: called } = await import(module);
const said = ([...values]) => {
  try {
    return called(...values);
  } catch ({ message }) {
    return message;
  }
};
console.log(JSON.stringify(calls.map(said)));
"""


def call(module: str, name: str, calls: list[list[Any]]) -> list[Any]:
    """What a function of a module of templates/ returns for each list of arguments, or throws."""
    url = (layout.templates() / module).as_uri()
    result = subprocess.run(
        [packages.node(), "--input-type=module", "--eval", PROGRAM],
        input=json.dumps({"module": url, "name": name, "calls": calls}),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stderr
    found: list[Any] = json.loads(result.stdout)
    return found
