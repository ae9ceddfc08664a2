"""What would stop a real installation is only worth knowing while TikTok is simulated on this machine."""

from django.conf import settings

from review.doctor.findings import Outcome, fault, warning


def fault_in_earnest(found: str, cure: str) -> Outcome:
    """A fault where TikTok is the real one; a warning in a rehearsal, where nobody outside looks."""
    if settings.TIKTOK_IS_SIMULATED and not settings.IS_PRODUCTION:
        return warning(f"{found} That is fine while TikTok is simulated.", cure)
    return fault(found, cure)
