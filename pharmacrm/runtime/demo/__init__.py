"""The demonstration company: invented people, products and events in real cities and hospitals.

Everything is written through the same doors and actions as in daily work, so the ledger, the history and the
verdicts of the demonstration are real. Names of hospitals are public facts; every person is invented.
"""
