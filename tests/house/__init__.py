"""The shape of the house, held by tests: layout, directions, doors, constraints."""
