"""Pure rules of the customer master, one module per noun."""
