from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "pharmacrm.imports"
    label = "imports"

    def ready(self) -> None:
        from compliance import subjects

        from .actions.forgetting import forget_person
        from .selectors import title_of_import, title_of_kind

        subjects.register("import", title_of_import, url=lambda key: f"/imports/{key}/")
        subjects.register("import_kind", title_of_kind, url=lambda key: "/imports/")
        subjects.register_eraser("imports", forget_person)
