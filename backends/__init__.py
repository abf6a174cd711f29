"""Scheduling, pharmacy, staff desk and the chart they stand on.

`embedded.EmbeddedBackends` composes them over one database; `fhir_routes` serves the chart as FHIR R4.
"""
