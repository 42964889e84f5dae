"""docker-compose.yml is the shape beyond one machine: what it promises is read from the file."""

import yaml

from pharmacrm.runtime.home import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_owner_s_address_reaches_only_the_preparation():
    owners = {
        name
        for name, service in COMPOSE["services"].items()
        if "DATABASE_OWNER_URL" in str(service.get("environment", "")) or "pharmacrm_owner:" in str(service)
    }

    assert owners == {"prepare"}


def test_web_worker_and_beat_wait_for_the_preparation_and_reap_their_children():
    for name in ("web", "worker", "beat"):
        service = COMPOSE["services"][name]
        assert service["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
        assert service["init"] is True
        assert service["read_only"] is True


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text()

    for name in ("SECRET_KEY", "OWNER_PASSWORD", "APP_PASSWORD", "ALLOWED_HOSTS"):
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text


def test_the_image_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert "USER pharmacrm" in lines
    assert lines.index("USER pharmacrm") > max(i for i, line in enumerate(lines) if line.startswith("RUN "))


def test_no_lock_names_an_address():
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-node.lock"):
        assert "://" not in (ROOT / name).read_text()
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()
