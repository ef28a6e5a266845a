"""demo: the demo study, and who can sign in to it."""

from typing import Any

from django.core.management.base import BaseCommand

from ihlannotate.management.demo_study import demo_people, load_demo


class Command(BaseCommand):
    help = "Load the synthetic demo study; a second time changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        made = load_demo()
        self.stdout.write(
            f"Loaded {len(made)} synthetic demo studies." if made else "The demo studies are already there."
        )
        people, password = demo_people()
        self.stdout.write(
            "\nSign in as one of these (everything is synthetic; the password is the same for all):\n"
        )
        for one in people:
            self.stdout.write(f"  {one.role:<12} {one.email:<32} {password}")
        self.stdout.write("")
