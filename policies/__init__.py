"""What every object of a stack must be, as rules over objects in wire format; they need nothing but Python.

``__main__.py`` is the policy pack of ``pulumi preview --policy-pack policies``, ``ackp policy`` runs the same rules
over rendered objects.
"""
