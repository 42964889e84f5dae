"""The project package: what stands above or below the four subjects, never beside them."""
