"""Where the TensorFlow process has its modules from: never from what lies beside a model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import bundler
from bundler import formats
from bundler.demo.demo import Demo
from bundler.formats.source import Source
from bundler.formats.untrusted.error import UntrustedError
from bundler.graph import launch
from tests.conftest import DEMOS

# Modules of Python's library, of packages, and those that others try to import.
NAMES = (
    "signal", "h5py", "json", "tensorflow", "keras", "numpy", "pandas", "torch", "jax", "PIL",
    "sitecustomize", "usercustomize", "google", "bundler",
)  # fmt: skip
# Of these the command itself imports none.
NEEDED_LATER = ("h5py", "tensorflow", "keras", "tf_keras", "pandas", "torch", "jax", "absl")
PACKAGES = Path(pytest.__file__).parents[1]
BASE = getattr(sys, "_base_executable", sys.executable)


def put_beside(folder: Path, names: tuple[str, ...], ran: Path) -> Path:
    """A model, and beside it code of the same names as modules that are imported."""
    folder.mkdir()
    shutil.copy(DEMOS / "wine" / "wine.keras", folder)
    for name in names:
        (folder / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write({name!r})")
    return folder / "wine.keras"


def check(model: Path, python: str, tmp_path: Path, **settings: str) -> None:
    """`tfjs-demo check`, in the model's folder; none of the code there may run."""
    program = tmp_path / "bin" / "tfjs-demo"
    program.parent.mkdir()
    program.write_text("import sys\nfrom bundler.cli import main\nsys.exit(main())\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    result = subprocess.run(
        [python, str(program), "check", model.name],
        cwd=model.parent,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()


def test_the_working_directory_is_no_part_of_it(tmp_path: Path) -> None:
    model = put_beside(tmp_path / "downloads", NAMES, tmp_path / "ran")
    check(model, sys.executable, tmp_path)


def test_other_folders_of_pythonpath_are_no_part_of_it(tmp_path: Path) -> None:
    model = put_beside(tmp_path / "downloads", NEEDED_LATER, tmp_path / "ran")
    path = os.pathsep.join([str(model.parent), "", "."])
    check(model, sys.executable, tmp_path, PYTHONPATH=path)


def test_a_tool_that_pythonpath_leads_to_works(tmp_path: Path) -> None:
    model = put_beside(tmp_path / "downloads", NAMES, tmp_path / "ran")
    tool = tmp_path / "tool"
    tool.mkdir()
    checkout = Path(bundler.__file__).parents[1]
    for name in ("bundler", "templates"):
        (tool / name).symlink_to(checkout / name)
    for name in NAMES:
        if name != "bundler":
            (tool / f"{name}_beside_the_tool.py").write_text("")
    path = os.pathsep.join([str(tool), *_folders_of_packages()])
    check(model, BASE, tmp_path, PYTHONPATH=path)


def test_a_tool_of_the_user_s_own_works(tmp_path: Path) -> None:
    """As pip install --user leaves it."""
    model = put_beside(tmp_path / "downloads", NAMES, tmp_path / "ran")
    base = tmp_path / "base"
    scheme = sysconfig.get_preferred_scheme("user")
    packages = Path(sysconfig.get_path("purelib", scheme, {"userbase": str(base)}))
    packages.mkdir(parents=True)
    lines = [str(Path(bundler.__file__).parents[1]), *_folders_of_packages()]
    (packages / "packages.pth").write_text("\n".join(lines))
    check(model, BASE, tmp_path, PYTHONUSERBASE=str(base))


@pytest.mark.parametrize("name", ["../secret.bin", "{outside}/secret.bin", "linked.bin"])
def test_what_a_model_names_elsewhere_is_behind_the_fence(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"secret")
    (folder / "linked.bin").symlink_to(secret)
    (folder / "own.bin").write_bytes(b"own")
    paths = [name.format(outside=tmp_path), "own.bin"]
    text = json.dumps({"modelTopology": {}, "weightsManifest": [{"paths": paths}]})
    (folder / "model.json").write_text(text)
    demo = Demo(model="model.json", folder=folder)
    given = json.loads(launch.command(demo, tmp_path / "own")[-1])
    assert str(folder / "own.bin") in given["readable"]
    assert str(secret) not in given["readable"]
    assert not {str(tmp_path), str(folder)} & set(given["readable"])
    with pytest.raises(UntrustedError, match=r"secret\.bin, outside"):
        formats.private_copy(Source.of(demo), tmp_path / "copy")


def _folders_of_packages() -> list[str]:
    """Where this Python has its packages, in virtual environments of several folders as well."""
    own = [
        Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", PACKAGES.name)
    ]
    return [str(entry) for entry in dict.fromkeys([PACKAGES, *own])]
