"""Tables that merchants bring and take: products, rates, invitations.

A kind of rows is a class as `plan.Kind` says; floors above have their own. `uploads`
leads a file from its upload over the preview to the import, `export` writes tables.
"""
