"""Setting up takes nothing away that it did not put there."""

import pytest

from pharmacrm.runtime import bootstrap


@pytest.mark.parametrize(("is_linked", "installs"), [(True, False), (False, True)])
def test_a_folder_of_packages_that_is_only_a_link_is_not_installed_anew(
    tmp_path, monkeypatch, is_linked, installs
):
    root, shared = tmp_path / "root", tmp_path / "shared"
    root.mkdir()
    shared.mkdir()
    (root / "package-lock.json").write_text("{}")
    (root / "package.json").write_text("{}")
    if is_linked:
        (root / "node_modules").symlink_to(shared)
    steps = []
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "find_npm", lambda: (["npm"], {}))
    monkeypatch.setattr(bootstrap, "run_step", lambda command, **_others: steps.append(command[1]))

    bootstrap.install_frontend()

    assert ("ci" in steps) is installs
    assert "run" in steps
    assert list(shared.iterdir()) == []
