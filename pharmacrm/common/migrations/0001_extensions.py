from django.contrib.postgres.operations import BtreeGinExtension, BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Extensions that constraints and search rest on; all are trusted, none needs a superuser."""

    initial = True
    dependencies = []
    operations = [BtreeGistExtension(), TrigramExtension(), BtreeGinExtension()]
