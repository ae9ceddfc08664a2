"""The pages of whoever runs this installation: what the site says of itself."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import MemberRequest, operator
from review.particulars import read_particulars


@operator
@require_safe
def operator_home(request: MemberRequest) -> HttpResponse:
    """The name, the operator and the contact that strangers read, and which setting each comes from."""
    return render(request, "review/operator_home.html", {"particulars": read_particulars()})
