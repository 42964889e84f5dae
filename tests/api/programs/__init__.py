"""What the guide's blocks call, for machines that have no curl or no openssl: the options it uses, and no other."""
