"""Modules of the JupyterLab extension, run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

__all__ = ["call"]

ROOT = Path(__file__).parents[2]
# Compiles a module and those that it imports, and calls one of its functions with each list of arguments.
PROGRAM = """
const { readFileSync } = require('fs');
const { dirname, join } = require('path');
const ts = require('typescript');

const load = path => {
  const options = { compilerOptions: { module: 'commonjs', target: 'es2022' } };
  const module = { exports: {} };
  new Function('module', 'exports', 'require', ts.transpileModule(readFileSync(path, 'utf8'), options).outputText)(
    module, module.exports, name => load(join(dirname(path), name + '.ts'))
  );
  return module.exports;
};
const { path, name, calls } = JSON.parse(readFileSync(0, 'utf8'));
const called = load(path)[name];
console.log(JSON.stringify(calls.map(values => called(...values))));
"""


def call(module: str, name: str, calls: list[list[Any]]) -> list[Any]:
    """Return what a function of a module in ``labextension/src`` returns for each list of arguments."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "typescript").exists():
        pytest.skip("needs Node and the extension's packages: run `make venv`")
    asked = json.dumps({"path": str(ROOT / "labextension" / "src" / module), "name": name, "calls": calls})
    done = subprocess.run(
        [node, "-e", PROGRAM], input=asked, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    )
    answer: list[Any] = json.loads(done.stdout)
    return answer
