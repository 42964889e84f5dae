"""Who may ask what of the API root."""
