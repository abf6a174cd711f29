"""On what a figure was taken: the machine's size and the commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psutil

_CORES = len(os.sched_getaffinity(0))  # before a benchmark pins itself to one


def size() -> str:
    """ "2 cores, 24 GiB": what this process may use of it."""
    return f"{_CORES} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB"


def commit() -> str:
    """Short, "" outside a repository; "+" where files differ from it."""
    there = Path(__file__).parent

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", there, *words], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = bool(git("status", "--porcelain", "--untracked-files=no"))
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
