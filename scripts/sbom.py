"""Writes docs/licences.md and build/sbom.cdx.json: every package that `make` installs, with version and licence.

The bill of materials is CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. `make sbom`.
"""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "docs" / "licences.md"
SBOM = ROOT / "build" / "sbom.cdx.json"
FILES = ("requirements.txt", "requirements-torch.txt", "requirements-nodeps.txt")
HEAD = """# Licences

What `make` installs, with what that needs, by each package's own metadata. Written by `make sbom`, which also writes a bill of
materials (CycloneDX) to `build/sbom.cdx.json`. Debian's packages (espeak-ng, flite) and the optional extras are not in it.

| Package | Version | Licence |
| --- | --- | --- |
"""


def wanted() -> set[str]:
    """The pinned packages and, of those that are installed, all that they need."""
    found: set[str] = set()
    names = [name for file in FILES for name in _named(ROOT / file)]
    while names:
        name = names.pop()
        if name in found:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        names += [_name(need) for need in needs if "extra ==" not in need]
    return found


def _named(file: Path) -> list[str]:
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return [_name(line) for line in lines if line and not line.startswith("-")]


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def licence(name: str) -> str:
    """Its SPDX expression, else what its classifiers say, else its own first words."""
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    classified = [
        text.rpartition(" :: ")[2]
        for text in about.get_all("Classifier") or []
        if text.startswith("License :: ")
    ]
    own = (about.get("License") or "").strip().splitlines()
    return " and ".join(classified) or (own[0][:60] if own else "not said")


def version(name: str) -> str:
    """Without what tells builds of one version apart (torch's "+cpu")."""
    return metadata.version(name).partition("+")[0]


def document() -> str:
    rows = [f"| {name} | {version(name)} | {licence(name)} |" for name in sorted(wanted())]
    return HEAD + "\n".join(rows) + "\n"


def bill() -> dict[str, object]:
    names = sorted(wanted())
    own = {
        "type": "application",
        "name": "firstring",
        "version": metadata.version("firstring"),
        "bom-ref": "firstring",
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": [_component(name) for name in names],
        "dependencies": [{"ref": _ref(name), "dependsOn": _needed(name, names)} for name in names],
    }


def _component(name: str) -> dict[str, object]:
    said = licence(name)
    named = (
        {"expression": said}
        if metadata.metadata(name).get("License-Expression")
        else {"license": {"name": said}}
    )
    reference = _ref(name)
    return {
        "type": "library",
        "name": name,
        "version": version(name),
        "purl": reference,
        "bom-ref": reference,
        "licenses": [named],
    }


def _ref(name: str) -> str:
    return f"pkg:pypi/{name}@{version(name)}"


def _needed(name: str, names: list[str]) -> list[str]:
    needs = {_name(need) for need in metadata.requires(name) or [] if "extra ==" not in need}
    return sorted(_ref(need) for need in needs & set(names))


def main() -> None:
    LIST.write_text(document())
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(bill(), indent=1) + "\n")


if __name__ == "__main__":
    main()
