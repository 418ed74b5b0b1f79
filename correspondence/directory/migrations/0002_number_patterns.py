import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import correspondence.directory.numbering


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="incoming_pattern",
            field=models.CharField(
                default="{year}/{code}/و/{index}",
                max_length=60,
                validators=[correspondence.directory.numbering.check_number_pattern],
            ),
        ),
        migrations.AlterField(
            model_name="agency",
            name="number_pattern",
            field=models.CharField(
                default="{year}/{code}/{index}",
                max_length=60,
                validators=[correspondence.directory.numbering.check_number_pattern],
            ),
        ),
        migrations.AlterField(
            model_name="mobiledevice",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]
