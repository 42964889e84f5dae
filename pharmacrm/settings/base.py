"""Settings shared by every surface. A figure set by law or code is not here: it is a dated parameter of its rule."""

import sys
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from . import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOME = env.folder("PHARMACRM_HOME", BASE_DIR / "var")

DEMO = env.flag("PHARMACRM_DEMO") or env.service("PHARMACRM_DEMO", HOME) == "1"
DEBUG = False
ROOT_URLCONF = "pharmacrm.urls"
WSGI_APPLICATION = "pharmacrm.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "pharmacrm.common",
    "compliance",
    "pharmacrm.accounts",
    "pharmacrm.imports",
    "doctors",
    "content",
    "activities",
    "pharmacrm.dashboards",
    "pharmacrm.portal",
    "pharmacrm.api",
    "pharmacrm.runtime",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "rest_framework",
    "simple_history",
    "template_partials.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "pharmacrm.common.bodies.WholeBodyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "pharmacrm.common.headers.SameOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pharmacrm.accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "pharmacrm.accounts.middleware.UploadLimitMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pharmacrm.accounts.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "compliance.doors.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
    "pharmacrm.api.idempotency.IdempotencyMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pharmacrm.accounts.context.shell",
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "pharmacrm.common.templatetags.look",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]

FORM_RENDERER = "pharmacrm.common.forms.Renderer"

# --- database: the application's role; DATABASE_OWNER_URL serves migrate, partitions and restore -------------
DATABASE_URL = env.service("DATABASE_URL", HOME) or "postgresql:///pharmacrm"
DATABASES = {"default": env.database(DATABASE_URL)}

REDIS_URL = env.service("REDIS_URL", HOME) or "redis://127.0.0.1:6379/0"
CACHES = {
    "default": {
        "BACKEND": "pharmacrm.common.caching.KeptClientCache",
        "LOCATION": env.redis_for_cache(REDIS_URL),
        "KEY_PREFIX": "pharmacrm",
    }
}

# --- work for later -------------------------------------------------------------------------------------------
LONGEST_TASK_SECONDS = 2 * 60 * 60
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "pharmacrm"
CELERY_TASK_TIME_LIMIT = LONGEST_TASK_SECONDS
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": LONGEST_TASK_SECONDS + 600, "socket_timeout": 10}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# --- people ---------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "pharmacrm.accounts.backends.PersonBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "pharmacrm.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "pharmacrm.accounts.forms.sign_in.LoginForm",
    "reauthenticate": "pharmacrm.accounts.forms.sign_in.ReauthenticateForm",
    "change_password": "pharmacrm.accounts.forms.sign_in.ChangePasswordForm",
    "reset_password": "pharmacrm.accounts.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "pharmacrm.accounts.forms.sign_in.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # an administrator adds people; the link to set a password proves the address
)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
EMAIL_TIMEOUT = 10

# Text messages: "http" (an address that takes JSON), "file", "console", or "" where there is no gateway.
SMS_GATEWAY = ""
SMS_FILE_PATH = HOME / "texts"
SMS_GATEWAY_URL = SMS_GATEWAY_AUTH = ""
SMS_GATEWAY_BODY = '{"to": "{number}", "text": "{text}"}'
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Failures are counted by axes per user and address: a counter per user alone would let a stranger lock the owner out.
ACCOUNT_RATE_LIMITS = {"login_failed": False}
MFA_FORMS = {
    "add_webauthn": "pharmacrm.accounts.forms.sign_in.AddKeyForm",
    "edit_webauthn": "pharmacrm.accounts.forms.sign_in.EditKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "PharmaCRM"
MFA_TOTP_TOLERANCE = 1
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_REQUIRED = True  # for the roles in accounts.rules
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "pharmacrm.accounts.adapter.name_tried"
AXES_LOCKOUT_CALLABLE = "pharmacrm.accounts.adapter.locked_out"
AXES_HTTP_RESPONSE_CODE = 429
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_VERBOSE = False
REPORTING_LINE = "pharmacrm.accounts.selectors.are_in_one_reporting_line"  # handed to the law as a fact
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "pharmacrm.accounts.views.errors.csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"

# --- language and time: a day is Shanghai's -----------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = ["pharmacrm.formats"]

# --- files ----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("PHARMACRM_STATIC", HOME / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "pharmacrm.common.finders.VendorFinder",
    "pharmacrm.common.finders.StylesheetFinder",
]
# Packages for the browser stand in the project, or beside the virtual environment that several checkouts share.
NODE_MODULES = next(
    (
        folder
        for folder in (BASE_DIR / "node_modules", Path(sys.prefix).parent / "node_modules")
        if folder.is_dir()
    ),
    BASE_DIR / "node_modules",
)
VENDOR_BUNDLES = BASE_DIR / "var" / "vendor"  # made by `npm run vendor`; not state, so not below HOME
MEDIA_ROOT = HOME / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
MAX_UPLOAD_BYTES = 200 * 1024 * 1024

# --- keys: personal data and ledger keys live outside the database ------------------------------------------
KEYS_DIR = env.folder("PHARMACRM_KEYS", HOME / "keys")

# --- the ledger: its name in signed checkpoints, and the places that keep them out of the database's reach ----
LEDGER_ORIGIN = env.text("LEDGER_ORIGIN", "pharmacrm/ledger")
# Beside database and backups: a restored backup is brought up to date from it. It names doctors by key alone.
ERASURES_LIST = env.folder("PHARMACRM_ERASURES", HOME / "erasures") / "list.jsonl"
LEDGER_ANCHOR_DIRS = env.words("LEDGER_ANCHOR_DIRS") or [str(HOME / "anchors")]
LEDGER_WITNESS_DIR = env.text("LEDGER_WITNESS_DIR", str(HOME / "witness"))  # of a process with its own key
LEDGER_ANCHOR_EMAILS = env.words("LEDGER_ANCHOR_EMAILS")

# --- what the browser may load --------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
WHITENOISE_ALLOW_ALL_ORIGINS = False  # nobody else loads our fonts and scripts
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# An expression that only the database can check; it does.
SILENCED_SYSTEM_CHECKS = ["models.W045"]

# --- REST -----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "pharmacrm.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["pharmacrm.common.api.ScopeAllows"],
    "DEFAULT_RENDERER_CLASSES": ["pharmacrm.common.api.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["pharmacrm.common.api.JSONParser"],  # who takes files says so
    "DEFAULT_SCHEMA_CLASS": "pharmacrm.api.openapi.Schema",
    "DEFAULT_PAGINATION_CLASS": "pharmacrm.common.api.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["pharmacrm.api.throttles.PerMinute"],
    "EXCEPTION_HANDLER": "pharmacrm.api.errors.problem",
    "DEFAULT_VERSIONING_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "PAGE_SIZE": 50,
}
# Requests a minute: of one person through one application or browser, of one client, of one address without a token.
REST_PER_MINUTE = {
    "person": env.number("REST_PER_MINUTE_PERSON", 600),
    "client": env.number("REST_PER_MINUTE_CLIENT", 3000),
    "anonymous": env.number("REST_PER_MINUTE_ANONYMOUS", 60),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PharmaCRM",
    "DESCRIPTION": "Compliant academic promotion of medicines. Errors are RFC 9457 problem+json.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AcademicRoleEnum": "doctors.choices.AcademicRole",
        "GuidelineRoleEnum": "doctors.choices.GuidelineRole",
        "PostLevelEnum": "doctors.choices.PostLevel",
        "ChannelEnum": "activities.choices.Channel",
        "MaterialVersionStatusEnum": "content.choices.MaterialStatus",
        "EventKindEnum": "activities.choices.EventKind",
        "EventStateEnum": "activities.choices.EventState",
        "ExpenseKindEnum": "activities.choices.ExpenseKind",
        "BudgetKindEnum": "activities.choices.BudgetKind",
        "ProofKindEnum": "activities.choices.ProofKind",
        "SessionKindEnum": "activities.choices.SessionKind",
        "SpeakerStateEnum": "activities.choices.SpeakerState",
        "InvitationStateEnum": "activities.choices.InvitationState",
        "SafetyKindEnum": "activities.choices.SafetyKind",
        "OperationKindEnum": "activities.choices.OperationKind",
        "ModelStateEnum": "doctors.choices.ModelState",
        "RunStateEnum": "doctors.choices.RunState",
        "RunKindEnum": "doctors.choices.RunKind",
        "TrialKindEnum": "doctors.choices.TrialKind",
        "ListKindEnum": "doctors.choices.ListKind",
        "ChallengeKindEnum": "doctors.choices.ChallengeKind",
        "ChangeKindEnum": "doctors.choices.ChangeKind",
        "ChangeStateEnum": "doctors.choices.ChangeState",
        "RealignmentKindEnum": "doctors.choices.RealignmentKind",
        "RealignmentStateEnum": "doctors.choices.RealignmentState",
        "PairStateEnum": "doctors.choices.PairState",
        "MatchStateEnum": "doctors.choices.MatchState",
        "DoctorChannelEnum": "doctors.choices.Channel",
        "ConsentStateEnum": "doctors.choices.ConsentState",
        "TierEnum": "doctors.choices.Tier",
        "OverrideStateEnum": "doctors.choices.OverrideState",
        "ContestStateEnum": "doctors.choices.ContestState",
        "RequestKindEnum": "doctors.choices.RequestKind",
        "RequestSourceEnum": "doctors.choices.RequestSource",
        "RequestStateEnum": "doctors.choices.RequestState",
        "CaseStateEnum": "compliance.choices.CaseState",
        "CaseSourceEnum": "compliance.choices.CaseSource",
        "FindingStateEnum": "compliance.choices.FindingState",
        "WaiverStateEnum": "compliance.choices.WaiverState",
        "DutyCauseEnum": "compliance.choices.DutyCause",
        "DutyStateEnum": "compliance.choices.DutyState",
        "ApprovalStateEnum": "compliance.choices.ApprovalState",
        "StepStateEnum": "compliance.choices.StepState",
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "pharmacrm.api.openapi.say_problem",
    ],
}
OAUTH2_PROVIDER = {
    "SCOPES": {
        "read": gettext_noop("Read what the account may see"),
        "write": gettext_noop("Send data"),
        "act": gettext_noop("Act as the signed-in person"),
    },
    "PKCE_REQUIRED": True,
    # RFC 9700, OAuth 2.0 Security Best Current Practice. Source: sections 2.1.1, 2.1.2, 2.4, 4.3.2, 4.4, 4.14.2.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "DEFAULT_SCOPES": ["read"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
