"""Every table and every column of the installation is somebody's, or said to be nobody's."""

from django.apps import apps
from django.db.models import ForeignKey

from accounts.models import TikTokAccount, User, Workspace
from leaving.holdings import HOLDINGS, left_out_of

BY_LABEL = {holding.label: holding for holding in HOLDINGS}


def test_every_table_is_decided_about() -> None:
    """A new model fails here until leaving/holdings.py says whose its rows are, and whether they are exported."""
    assert sorted(BY_LABEL) == sorted(model._meta.label for model in apps.get_models())
    assert len(BY_LABEL) == len(HOLDINGS)


def test_every_column_is_exported_or_left_out_with_a_reason() -> None:
    for holding in HOLDINGS:
        if holding.kind:
            columns = {column.name for column in holding.model._meta.concrete_fields}
            said = set(holding.fields) | set(left_out_of(holding))
            assert said == columns, holding.label
            assert not set(holding.fields) & set(left_out_of(holding)), holding.label
        else:
            assert holding.why_not, holding.label


def test_no_key_is_exported() -> None:
    secret = ("_sealed", "password", "token_sha256", "secret_sha256", "state_hash", "session")
    exported = [f"{holding.label}.{name}" for holding in HOLDINGS for name in holding.fields]
    assert [name for name in exported if name.endswith(secret) or ".session" in name] == []
    assert len(exported) > 200


def test_what_points_to_somebody_is_somebodys() -> None:
    """A table that names a person, a workspace or an account is not left with nobody by mistake."""
    nobodys = {holding.label for holding in HOLDINGS if not (holding.of_workspace or holding.of_person)}
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, ForeignKey) and column.related_model in {User, Workspace, TikTokAccount}
    }
    # Who did something for the installation becomes unknown; the row is nobody's.
    assert nobodys & pointing == {"publishing.GateOff", "review.SignatureFile"}


def test_what_refers_to_other_rows_goes_before_them() -> None:
    place = {holding.label: number for number, holding in enumerate(HOLDINGS)}
    for holding in HOLDINGS:
        if not holding.of_workspace:
            continue
        for column in holding.model._meta.concrete_fields:
            other = BY_LABEL.get(column.related_model._meta.label) if column.related_model else None
            if other and other.of_workspace and other != holding and not column.null:
                assert place[holding.label] < place[other.label], f"{holding.label}.{column.name}"
