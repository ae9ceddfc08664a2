"""Making people and giving each the workspace that everything of theirs belongs to."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.models import Membership, Role, User, Workspace

# .example can never receive mail (RFC 2606): nobody can reset this person's password from outside.
DEMO_EMAIL = "demo@people.example"


def make_workspace_for(user: User) -> Workspace:
    """Make a workspace with this person as its owner."""
    with transaction.atomic():
        workspace = Workspace.objects.create(name=f"Workspace of {user.email.partition('@')[0]}"[:120])
        Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return workspace


def workspace_of(user: User) -> Workspace:
    """The workspace this person acts in; one is made for a person who has none.

    Signing up makes one at once. Whoever came another way (`createsuperuser`, a shell, a restored table) gets
    theirs here, where every signed-in page passes: one place that cannot be forgotten, instead of one for
    each way of making a user. That a GET may write this row is harmless: it happens once per person, changes
    nothing that exists, and a second request waits at the person's row and finds it made.
    """
    workspace = Workspace.objects.of(user).first()
    if workspace is not None:
        return workspace
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        return Workspace.objects.of(user).first() or make_workspace_for(user)


def zone_of(user: User) -> str:
    """The zone by whose clocks this person reads times; UTC until they choose one."""
    return user.time_zone or "UTC"


def vouch_for_address(user: User) -> None:
    """Take the person's present e-mail address for theirs, where no mail can be sent to prove it.

    allauth takes an address that was never confirmed for one the person is changing to, and throws it away when
    they enter another: they would be left without an address, and without a way to sign in.
    """
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email.lower())
    if address.set_verified():
        address.set_as_primary()


def get_demo_user() -> User:
    """The person behind *Try it with a demo account*: an operator without a password, made at the first call.

    Only for installations where TikTok is simulated; the caller answers for that.
    """
    user = User.objects.filter(email=DEMO_EMAIL).first()
    if user is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(DEMO_EMAIL, is_staff=True)
        except IntegrityError:  # the button was pressed twice at once
            user = User.objects.get(email=DEMO_EMAIL)
    workspace_of(user)
    return user
