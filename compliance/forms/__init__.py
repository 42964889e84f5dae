"""Forms of the kernel's pages."""
