"""Composition root: settings, the per-call loop, the web application, the supervisor and the CLI."""

import sys
from pathlib import Path

# ``fhir.resources`` from PyPI brings a top-level ``fhir`` of its own. Ours extends it, not the other way
# round, so the application's root is looked at first.
_ROOT = str(Path(__file__).resolve().parent.parent)
if sys.path[0] != _ROOT:
    sys.path.insert(0, _ROOT)
