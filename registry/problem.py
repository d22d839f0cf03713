"""Why a registry has no answer. Apart from the client, so that who only reports it needs no HTTP."""


class RegistryError(Exception):
    """The registry cannot be asked, or does not answer as one; the text is the complete report."""
