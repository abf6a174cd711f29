"""One target under libFuzzer: ``python -m benchmarks.fuzzing.run TARGET [its own options] CORPUS``."""

from __future__ import annotations

import importlib
import sys

import atheris

from benchmarks.fuzzing import TARGETS


def main() -> None:
    name, *options = sys.argv[1:]
    package = f"benchmarks.fuzzing.{name}"
    with atheris.instrument_imports(include=[package, *TARGETS.get(name, ())]):
        target = importlib.import_module(package)
    atheris.Setup([sys.argv[0], *options], target.once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
