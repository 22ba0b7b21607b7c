"""What a creator sees of the money: the read side of the portal, one module a page.

Every function takes the creator it reads for and returns small frozen rows; none takes
an id without the creator it must belong to.
"""
