"""Simulated callers with a goal, facts of their own and a manner, judged by what their calls leave behind.

A caller hears only what the agent says. See docs/rehearse.md and tests/callers/README.md.
"""
