"""The code by bandit, its packages by pip-audit. `make audit`; exits with 1 for a finding without a reason.

Reasons stand in pyproject.toml, [tool.audit]: `everywhere` by bandit's test, `here` by test and file. A reason
that no finding needs any more is a finding too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".peers" / "audit" / "bin"
CODE = "agent telephony voice intents dialog backends ehr_writeback console fhir words models".split()


def by_bandit() -> list[str]:
    reasons = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["audit"]
    done = subprocess.run(
        [TOOLS / "bandit", "-q", "-r", *CODE, "-f", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    findings = json.loads(done.stdout)["results"]
    everywhere, here = set(reasons["everywhere"]), set(reasons["here"])
    problems, used = [], set()
    for each in findings:
        names = {each["test_id"], f"{each['test_id']} {each['filename']}"}
        used |= names
        if not names & (everywhere | here):
            problems.append(
                f"{each['filename']}:{each['line_number']} {each['test_id']} {each['issue_text']}"
            )
    stale = (everywhere | here) - used
    print(f"bandit: {len(findings)} findings, {len(findings) - len(problems)} with a reason")
    return problems + [f"a reason that nothing needs: {name}" for name in sorted(stale)]


def by_pip_audit() -> list[str]:
    """Known vulnerabilities in what is installed. Says how much could not be looked up."""
    command = [
        TOOLS / "pip-audit",
        "--path",
        sysconfig.get_path("purelib"),
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("pip-audit: NOT AUDITED, its database cannot be reached")
        return []
    unknown = [each["name"] for each in packages if "skip_reason" in each and each["name"] != "firstring"]
    print(f"pip-audit: {len(packages) - len(unknown)} packages looked up, {len(unknown)} NOT AUDITED")
    return [
        f"{each['name']} {each['version']}: {', '.join(fault['id'] for fault in each['vulns'])}"
        for each in packages
        if each.get("vulns")
    ]


def main() -> None:
    problems = by_bandit() + by_pip_audit()
    print("\n".join(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
