"""Check the shipped rule book: every fault, and every example."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from compliance.evaluate import example_fails, shipped_book
from compliance.rules.faults import BookError


class Command(BaseCommand):
    help = "Check the shipped rule book. Ends with 1 and names file and line when something is wrong."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            book = shipped_book()
        except BookError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        wrong = [
            f"{rule.file}: example {number + 1} {reason}"
            for rule in book.rules
            for number in range(len(rule.examples))
            if (reason := example_fails(rule, number))
        ]
        if wrong:
            self.stderr.write("\n".join(wrong))
            sys.exit(1)
        examples = sum(len(rule.examples) for rule in book.rules)
        self.stdout.write(f"{len(book.rules)} rules, {examples} examples: all as they say. {book.key}")
