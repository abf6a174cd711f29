"""FHIR R4 client and capability reading.

The PyPI package ``fhir.resources`` lives under the same top-level name; its folder joins ours here.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
