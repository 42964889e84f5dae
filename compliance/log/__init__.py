"""The log's arithmetic: canonical bytes, Merkle tree, signed notes. Knows no database."""
