"""Recorded forges: the public history of DIRAC's repositories, served on loopback as GitHub and GitLab serve it."""
