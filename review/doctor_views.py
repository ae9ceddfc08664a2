"""The setup doctor and the audit's status as pages for operators."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now
from accounts.policy import MemberRequest, operator
from review.audit_status import read_audit_status
from review.doctor.checkup import examine
from review.doctor.pasting import portal_fields


@operator
@require_safe
def doctor(request: MemberRequest) -> HttpResponse:
    """What to paste where in TikTok's portal, and the button that has everything looked at."""
    return render(request, "review/doctor.html", {"portal_fields": portal_fields(), "report": None})


@operator
@require_POST
def doctor_run(request: MemberRequest) -> HttpResponse:
    """Look at everything now, the same as `manage.py doctor`; takes seconds and changes nothing."""
    context = {"report": examine(), "portal_fields": portal_fields()}
    return render(request, "review/_doctor_report.html" if request.htmx else "review/doctor.html", context)


@operator
@require_safe
def audit_status(request: MemberRequest) -> HttpResponse:
    """Whether TikTok has audited the app, what that means, and how many creators have posted today."""
    return render(request, "review/audit_status.html", {"status": read_audit_status(now=database_now())})
