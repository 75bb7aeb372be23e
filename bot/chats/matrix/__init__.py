"""Matrix: rooms of a homeserver that digests are posted to and questions are asked in."""
