"""Mark words of pure code for the catalogue; the page that shows them translates."""


def gettext_noop(words: str) -> str:
    """Return the words as they are."""
    return words
