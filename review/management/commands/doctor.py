"""`manage.py doctor`: examines this installation and says what to do; ends with 1 where there is a fault."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from review.doctor.checkup import Report, examine
from review.doctor.findings import Finding, Verdict
from review.doctor.pasting import PortalField, portal_fields

_WORDS = {Verdict.OK: "ok", Verdict.WARNING: "warning", Verdict.FAULT: "FAULT"}


class Command(BaseCommand):
    """Changes nothing, and posts nothing to TikTok."""

    help = "Check this installation against TikTok's rules and its own needs; exit code 1 where there is a fault."
    # One of the checks is Django's own; a fault it finds is a line like any other.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print everything as JSON, for scripts.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = examine()
        fields = portal_fields()
        self.stdout.write(_as_json(report, fields) if options["json"] else _as_text(report, fields))
        if report.verdict == Verdict.FAULT:
            sys.exit(1)


def _as_json(report: Report, fields: list[PortalField]) -> str:
    return json.dumps(
        {
            "verdict": report.verdict,
            "findings": [asdict(finding) for finding in report.findings],
            "portal": [asdict(field) for field in fields],
        },
        indent=2,
        ensure_ascii=False,
    )


def _as_text(report: Report, fields: list[PortalField]) -> str:
    lines = []
    for section in report.sections:
        lines += ["", section.title]
        for finding in section.findings:
            lines += _finding_lines(finding)
    lines += ["", "What to paste where in TikTok's portal"]
    for field in fields:
        lines.append(f"  {field.place}: {field.value}")
        if field.note:
            lines.append(f"      {field.note}")
    return "\n".join([*lines, "", report.summary])


def _finding_lines(finding: Finding) -> list[str]:
    lines = [f"  {_WORDS[finding.verdict]:<8}{finding.title}: {finding.found}"]
    return [*lines, f"          -> {finding.cure}"] if finding.cure else lines
