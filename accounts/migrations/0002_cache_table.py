"""Makes the table of the cache that counts sign-in tries, so that `migrate` alone makes a working database."""

from django.core.management import call_command
from django.db import migrations


def make_table(apps, schema_editor):
    """Django's own command writes the table for each database; it passes over one that is there."""
    call_command("createcachetable", "greenroom_cache", database=schema_editor.connection.alias, verbosity=0)


def drop_table(apps, schema_editor):
    name = schema_editor.quote_name("greenroom_cache")
    schema_editor.execute(f"DROP TABLE {name}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(make_table, drop_table)]
