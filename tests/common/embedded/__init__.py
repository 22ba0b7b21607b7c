"""The servers that come with the product, while nothing goes wrong."""
