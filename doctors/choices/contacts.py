"""Named values of what passes between the company and a doctor."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    """A way of reaching a doctor, as consents and interactions name it."""

    VISIT = "visit", _("Visit")
    PHONE = "phone", _("Phone")
    SMS = "sms", _("Text message")
    EMAIL = "email", _("E-mail")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    EVENT = "event", _("Event")
    ONLINE = "online", _("Online")
    POST = "post", _("Mail")


class InteractionKind(TextChoices):
    """What happened between the company and a doctor; never what a doctor prescribes."""

    VISIT = "visit", _("Visit")
    REMOTE_VISIT = "remote_visit", _("Remote visit")
    MATERIAL_SHOWN = "material_shown", _("Material shown")
    MATERIAL_READ = "material_read", _("Material read")
    EVENT_ATTENDED = "event_attended", _("Event attended")
    EVENT_SPOKEN = "event_spoken", _("Spoke at an event")
    EVENT_CHAIRED = "event_chaired", _("Chaired an event")
    QUESTION_ASKED = "question_asked", _("Medical question asked")
    NEED_TOLD = "need_told", _("Clinical need told")
    SURVEY_ANSWERED = "survey_answered", _("Survey answered")
    CASE_SHARED = "case_shared", _("Case shared")
    COOPERATION = "cooperation", _("Cooperation")
    MESSAGE_SENT = "message_sent", _("Message sent")
    MESSAGE_OPENED = "message_opened", _("Message opened")
    INVITATION_UNANSWERED = "invite_unanswered", _("Invitation left unanswered")


class ContentKind(TextChoices):
    """Kinds of academic content a playbook may name; the words of the library of materials."""

    DETAIL_AID = "detail_aid", _("Detail aid")
    DECK = "deck", _("Slide deck")
    LEAVE_BEHIND = "leave_behind", _("Leave-behind")
    REPRINT = "reprint", _("Reprint")
    ARTICLE = "article", _("Article")
    VIDEO = "video", _("Video")
    QA = "qa", _("Questions and answers")
    PATIENT_EDUCATION = "patient_education", _("Patient education")
