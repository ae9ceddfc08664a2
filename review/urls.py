"""The addresses of the review pages."""

from django.urls import path, register_converter

from review import (
    brand_views,
    compliance_views,
    doctor_views,
    legal_views,
    operator_views,
    reviewer_views,
    signature_views,
    views,
)
from review.audit import views as audit_views
from review.reviewer_desk import (
    reviewer_add,
    reviewer_list,
    reviewer_remove,
    reviewer_renew,
    reviewer_revoke,
)


class SignatureToken:
    """The random part of the name of a signature file."""

    regex = "[A-Za-z0-9_-]{8,100}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SignatureToken, "signature")

app_name = "review"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("demo/", views.demo_start, name="demo-start"),
    path("compliance/", compliance_views.compliance, name="compliance"),
    path("audit/", audit_views.audit_home, name="audit-home"),
    path("audit/end/", audit_views.audit_end, name="audit-end"),
    path("audit/<slug:slug>/", audit_views.audit_step, name="audit-step"),
    path("terms/", legal_views.terms, name="terms"),
    path("privacy/", legal_views.privacy, name="privacy"),
    path("data-deletion/", legal_views.data_deletion, name="data-deletion"),
    path("operator/", operator_views.operator_home, name="operator-home"),
    path("operator/doctor/", doctor_views.doctor, name="doctor"),
    path("operator/doctor/run/", doctor_views.doctor_run, name="doctor-run"),
    path("operator/audit-status/", doctor_views.audit_status, name="audit-status"),
    path("operator/signature-files/", signature_views.signature_list, name="signature-list"),
    path("operator/signature-files/add/", signature_views.signature_add, name="signature-add"),
    path(
        "operator/signature-files/<int:pk>/remove/", signature_views.signature_remove, name="signature-remove"
    ),
    path("brand/logo-<int:size>.png", brand_views.logo, name="logo"),
    path("manifest.webmanifest", brand_views.manifest, name="manifest"),
    # Below every prefix that TikTok knows of this site.
    path("tiktok<signature:token>.txt", signature_views.signature_file, name="signature-file"),
    path("pull/tiktok<signature:token>.txt", signature_views.signature_file, name="signature-file-of-media"),
    path("operator/reviewers/", reviewer_list, name="reviewer-list"),
    path("operator/reviewers/add/", reviewer_add, name="reviewer-add"),
    path("operator/reviewers/<int:pk>/renew/", reviewer_renew, name="reviewer-renew"),
    path("operator/reviewers/<int:pk>/revoke/", reviewer_revoke, name="reviewer-revoke"),
    path("operator/reviewers/<int:pk>/remove/", reviewer_remove, name="reviewer-remove"),
    path("reviewer/<str:token>/", reviewer_views.reviewer_enter, name="reviewer-enter"),
]
