"""Pages under /people/."""

from django.urls import path

from .views import shell

app_name = "accounts"
urlpatterns = [
    path("language/", shell.language, name="language"),
    path("me/messages/", shell.messages, name="messages"),
    path("me/jobs/<uuid:pk>/", shell.job, name="job"),
]
