"""Pure judgements of the kernel: the rule book and what may not be stored."""
