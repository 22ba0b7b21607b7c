"""An oracle of the half-year story, written from the rules and not from the code.

Nothing here imports the product. What the oracle knows it reads from the same files
that the product is given: the six months of orders, and the marketplace, touches,
deliveries and refunds that `overlay` lays over them.

`python -m tests.stories.oracle --out DIR` writes those files and what must come out.
"""
