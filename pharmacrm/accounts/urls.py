"""Pages under /people/."""

from django.urls import path

from .views import people, shell, territories

app_name = "accounts"
urlpatterns = [
    path("", people.people, name="people"),
    path("language/", shell.language, name="language"),
    path("me/", people.me, name="me"),
    path("me/jobs/<uuid:pk>/", shell.job, name="job"),
    path("me/messages/", shell.messages, name="messages"),
    path("me/sessions/end/", people.end_other_sessions, name="end-other-sessions"),
    path("new/", people.new_person, name="person-new"),
    path("territories/", territories.territories, name="territories"),
    path("territories/<uuid:pk>/", territories.territory, name="territory"),
    path("territories/<uuid:pk>/move/", territories.move_territory, name="territory-move"),
    path(
        "territories/<uuid:pk>/moves/<uuid:move_pk>/drop/", territories.drop_move, name="territory-move-drop"
    ),
    path("territories/<uuid:pk>/rename/", territories.rename_territory, name="territory-rename"),
    path("territories/<uuid:pk>/members/<uuid:member_pk>/end/", territories.end_member, name="member-end"),
    path("<uuid:pk>/", people.person, name="person"),
    path("<uuid:pk>/access/", people.end_access, name="person-access"),
    path("<uuid:pk>/password-link/", people.password_link, name="person-password-link"),
    path("<uuid:pk>/roles/", people.roles, name="person-roles"),
]
