"""What is changed in the sources of TensorFlow.js."""

from __future__ import annotations

import re
import subprocess

import pytest

from bundler.bundle import packages

SCRIPT = packages.SCRIPTS / "repairs.mjs"
FILES = re.findall(r"^  '([\w./-]+)': \[", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
REPAIR = """
import { readFileSync } from 'node:fs';
const { repair } = await import(process.argv[1]);
process.stdout.write(repair(process.argv[2], readFileSync(0, 'utf8')));
"""


def repaired(file: str, source: str) -> subprocess.CompletedProcess[str]:
    command = [packages.node(), "--input-type=module", "-e", REPAIR, str(SCRIPT), file]
    return subprocess.run(command, input=source, capture_output=True, text=True)


@pytest.mark.parametrize("file", FILES)
def test_every_repair_finds_its_place(file: str) -> None:
    path = packages.folder() / "node_modules" / "@tensorflow" / file
    source = path.read_text(encoding="utf-8")
    done = repaired(str(path), source)
    assert done.returncode == 0, done.stderr
    assert done.stdout != source


@pytest.mark.parametrize("file", FILES)
def test_another_source_is_an_error(file: str) -> None:
    done = repaired(f"/packages/{file}", "export const other = 1;")
    assert done.returncode != 0
    assert f"{file} has changed" in done.stderr


def test_other_files_stay_as_they_are() -> None:
    assert len(FILES) > 5
    assert repaired("/packages/tfjs-core/dist/engine.js", "let x;").stdout == "let x;"
