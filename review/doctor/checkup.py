"""The whole examination: every check there is, in the order in which they are read."""

from dataclasses import dataclass

from django.urls import resolve

from review.doctor import doors, identity, machine, machinery, portal, tiktok_itself, website
from review.doctor.findings import Finding, Verdict
from review.doctor.running import run_checks, worst_of

FAMILIES = (
    identity.FAMILY,
    portal.FAMILY,
    website.FAMILY,
    tiktok_itself.FAMILY,
    doors.FAMILY,
    machinery.FAMILY,
    machine.FAMILY,
)


@dataclass(frozen=True)
class Section:
    """What one family of checks has found."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Report:
    """What all of them have found."""

    sections: tuple[Section, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for section in self.sections for finding in section.findings)

    @property
    def verdict(self) -> Verdict:
        return worst_of(self.findings)

    @property
    def faults(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict == Verdict.FAULT)

    @property
    def summary(self) -> str:
        """How many of each, in words."""
        faults, warnings, fine = (
            sum(finding.verdict == verdict for finding in self.findings) for verdict in reversed(Verdict)
        )
        return f"{_counted(faults, 'fault')}, {_counted(warnings, 'warning')}, {fine} ok"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def examine() -> Report:
    """Run every check now; takes a few seconds, longer only where something does not answer."""
    # Importing all pages takes seconds on a busy machine, and is no check's fault.
    resolve("/")
    found = iter(run_checks([check for family in FAMILIES for check in family.checks]))
    return Report(
        tuple(Section(family.title, tuple(next(found) for _ in family.checks)) for family in FAMILIES)
    )
