from django.db import migrations, models

KINDS = [
    ("import", "import"),
    ("export", "export"),
    ("release", "release"),
    ("verdicts", "import of verdicts"),
]


class Migration(migrations.Migration):
    dependencies = [("ihlannotate", "0001_initial")]

    operations = [
        migrations.AlterField("job", "kind", models.CharField(choices=KINDS, max_length=10)),
    ]
