"""The least valid rows about people and territories."""

from pharmacrm.accounts.models import Territory


def make_territory(code="east", name="", parent=None):
    path = f"{parent.path if parent else '/'}{code}/"
    return Territory.objects.create(code=code, name=name or code, parent=parent, path=path)
