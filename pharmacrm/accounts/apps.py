from django.apps import AppConfig
from django.contrib.auth import user_logged_in


class AccountsConfig(AppConfig):
    name = "pharmacrm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from compliance import points, retention, subjects, teams

        from . import credentials, selectors
        from .actions.retention import SIGN_INS
        from .facts import RoleFacts

        points.declare("accounts.grant_role", RoleFacts, root="grant", kind="before")
        subjects.register("user", selectors.title_of_user, url=selectors.url_of_user)
        subjects.register(
            "territory",
            selectors.title_of_territory,
            url=selectors.url_of_territory,
            hold=selectors.territories_held_with,
        )
        teams.register(selectors.team_subjects_of, selectors.team_subjects)
        retention.register("security_log", SIGN_INS)
        credentials.listen()
        # A sign-in stands in the ledger; a version of the person for each one would bury the real changes.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
