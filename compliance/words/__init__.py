"""Words for the keys that records keep: the ledger's events, decision points, kinds, acts, meanings and roles."""
