from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_people_are_told")]

    operations = [migrations.DeleteModel(name="Notice")]
