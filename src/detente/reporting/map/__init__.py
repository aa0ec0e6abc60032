"""The map: shapes, places of labels, ties, contested areas."""
