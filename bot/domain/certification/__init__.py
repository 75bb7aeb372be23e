"""Certification: milestones, the changes people make to them, and hints."""
