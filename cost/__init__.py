"""What a stack costs in a month, about: its objects by a table of list prices."""
