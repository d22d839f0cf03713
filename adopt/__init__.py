"""Taking over what a live cluster runs already: nothing is created, replaced or restarted.

Reads `config` and `components`; nothing reads it but `cli`.
"""
