from django.apps import AppConfig

# Order matters: the first Celery application made becomes the default of every thread. Without it, a web process
# would queue on a nameless one that knows neither our broker nor our tasks.
import pharmacrm.celery  # noqa: F401


class CommonConfig(AppConfig):
    name = "pharmacrm.common"
    label = "common"
