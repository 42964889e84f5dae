from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "pharmacrm.accounts"
    label = "accounts"
