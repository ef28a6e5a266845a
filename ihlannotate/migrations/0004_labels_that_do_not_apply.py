from django.db import migrations, models
from django.db.models import Q

TIERS = [
    ("unanimous", "Unanimous"),
    ("majority", "Majority"),
    ("adjudicated", "Adjudicated"),
    ("contested", "Contested"),
    ("single", "Single"),
    ("inapplicable", "Does not apply"),
]


class Migration(migrations.Migration):
    dependencies = [("ihlannotate", "0003_samples")]

    operations = [
        migrations.RemoveConstraint("goldlabel", "gold_label_has_a_value"),
        migrations.AlterField("goldlabel", "tier", models.CharField(choices=TIERS, max_length=12)),
        migrations.AddConstraint(
            "goldlabel",
            models.CheckConstraint(
                condition=Q(tier__in=["contested", "adjudicated", "inapplicable"]) | ~Q(value=""),
                name="gold_label_has_a_value",
            ),
        ),
        migrations.AddConstraint(
            "goldlabel",
            models.CheckConstraint(
                condition=~Q(tier="inapplicable") | Q(value=""),
                name="gold_label_that_does_not_apply_has_none",
            ),
        ),
    ]
