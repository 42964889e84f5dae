"""Words for events of files taken in."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "imports.cell_corrected": _("Import: cell corrected"),
    "imports.meaning_decided": _("Meaning of a value decided"),
    "imports.cells_corrected": _("One value corrected in many cells"),
    "imports.commit_asked": _("Import: commit asked"),
    "imports.committed": _("Import: committed"),
    "imports.file_uploaded": _("Import: file uploaded"),
    "imports.mapping_set": _("Import: mapping set"),
    "imports.undo_asked": _("Import: undo asked"),
    "imports.undone": _("Import: undone"),
}
