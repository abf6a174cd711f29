"""The dialog's backends on a chart of another system: read over FHIR, judged by our own rules.

Rules (who is known, what may be refilled, what may be booked) exist once, over `store.ChartStore`. Here the
part of a foreign chart that one action needs is read within a time limit, and the rules run on that copy.
"""
