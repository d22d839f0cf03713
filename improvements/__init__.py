"""What can be made better of an adopted service, one step at a time: each step is an edit of its entry in a stack file.

Nothing here asks a cluster or changes one: what a step changes is computed from the settings before and after it.
"""
