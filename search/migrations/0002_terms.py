"""The FTS5 table beside SearchDocument; on other databases than SQLite there is none, and another driver is used.

unicode61 without folding of its own: the analyser has folded already. No column sizes: nothing is ranked.
"""

from django.db import migrations

CREATE = """
CREATE VIRTUAL TABLE search_index
USING fts5(scope, main, variants, tokenize="unicode61 remove_diacritics 0", columnsize=0)
"""


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(CREATE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_index")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
