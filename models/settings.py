"""Every setting of the service, read once per process from the environment and `.env`."""

import base64
import binascii
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url

from models.mail_address import mail_addresses, mail_server
from models.statuses import Severity

KEY_BYTES = 32
"""Length of an AES-256 key."""


class SettingsProblem(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


def _decoded_keys(text: SecretStr | None) -> SecretStr | None:
    for key in text.get_secret_value().split(",") if text else ():
        try:
            length = len(base64.b64decode(key, validate=True))
        except binascii.Error:
            length = 0
        if length != KEY_BYTES:
            message = (
                "must be 32 random bytes in base64. Make one with: "
                "python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
            )
            raise ValueError(message)
    return text


def _smtp_address(text: SecretStr | None) -> SecretStr | None:
    if text:
        mail_server(text.get_secret_value())
    return text


def _mail_addresses(text: str) -> str:
    mail_addresses(text)
    return text


def _mail_sender(text: str) -> str:
    if len(mail_addresses(text)) != 1:
        message = "must be one e-mail address"
        raise ValueError(message)
    return text


class Settings(BaseSettings):
    """Settings with the prefix `FACE_MONITOR_`. `.env.example` explains each to operators."""

    model_config = SettingsConfigDict(
        env_prefix="FACE_MONITOR_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    data_dir: Path = Path("var")
    database_url: str | None = None
    broker_url: str | None = None
    frame_store_url: str | None = None
    secret_key: SecretStr | None = None
    key_encryption_key: Annotated[SecretStr | None, AfterValidator(_decoded_keys)] = None

    public_url: str | None = None
    allowed_hosts: str = "localhost,127.0.0.1,[::1]"
    trusted_proxies: str = ""
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    frame_max_bytes: Annotated[int, Field(ge=10_000)] = 2_000_000
    frame_max_pixels: Annotated[int, Field(ge=10_000)] = 8_000_000
    reference_image_max_bytes: Annotated[int, Field(ge=10_000)] = 8_000_000
    reference_image_max_pixels: Annotated[int, Field(ge=10_000)] = 50_000_000
    storage_reserve_bytes: Annotated[int, Field(ge=0)] = 100_000_000
    frame_interval_seconds: Annotated[float, Field(ge=0.2, le=300)] = 5.0
    slow_pace_backlog_seconds: Annotated[float, Field(gt=0)] = 10.0
    refuse_backlog_seconds: Annotated[float, Field(gt=0)] = 120.0
    frame_late_seconds: Annotated[float, Field(gt=0)] = 60.0
    start_frame_seconds: Annotated[float, Field(gt=0)] = 120.0
    reply_days: Annotated[int, Field(ge=1, le=365)] = 7

    sign_in_idle_seconds: Annotated[int, Field(ge=60)] = 8 * 3600
    sign_in_max_seconds: Annotated[int, Field(ge=60)] = 24 * 3600
    failed_sign_ins_allowed: Annotated[int, Field(ge=1)] = 10
    sign_in_lock_seconds: Annotated[int, Field(ge=1)] = 300
    invitation_days: Annotated[int, Field(ge=1, le=365)] = 14
    consent_text_version: str = "2026-12"

    engine: Literal["onnx", "dlib"] = "onnx"
    match_threshold: Annotated[float, Field(ge=0.1, lt=2)] = 0.50
    mismatch_threshold: Annotated[float, Field(ge=0.1, lt=2)] = 0.60
    close_look_every_frames: Annotated[int, Field(ge=0)] = 20
    worker_concurrency: Annotated[int, Field(ge=0)] = 0
    worker_tasks_per_child: Annotated[int, Field(ge=1)] = 2000
    worker_max_memory_kib: Annotated[int, Field(ge=200_000)] = 800_000

    lease_seconds: Annotated[float, Field(gt=0)] = 30.0
    task_soft_limit_seconds: Annotated[float, Field(gt=0)] = 10.0
    task_hard_limit_seconds: Annotated[float, Field(gt=0)] = 15.0
    job_attempts_allowed: Annotated[int, Field(ge=1)] = 3
    job_retry_seconds: Annotated[float, Field(ge=0)] = 1.0
    dispatch_interval_seconds: Annotated[float, Field(gt=0)] = 0.1
    dispatch_window: Annotated[int, Field(ge=1)] = 16
    hint_lifetime_seconds: Annotated[float, Field(gt=0)] = 5.0
    worker_seen_seconds: Annotated[float, Field(gt=0)] = 30.0
    housekeeping_interval_seconds: Annotated[float, Field(gt=0)] = 30.0
    orphan_age_seconds: Annotated[float, Field(gt=0)] = 3600.0
    idempotency_lifetime_seconds: Annotated[float, Field(gt=0)] = 24 * 3600.0
    waiting_callers_allowed: Annotated[int, Field(ge=0)] = 16

    webhook_allow_private: bool = False
    smtp_url: Annotated[SecretStr | None, AfterValidator(_smtp_address)] = None
    alert_email_to: Annotated[str, AfterValidator(_mail_addresses)] = ""
    alert_email_from: Annotated[str, AfterValidator(_mail_sender)] = "face-monitor@localhost"
    alert_min_severity: Severity = Severity.HIGH
    alert_pause_seconds: Annotated[float, Field(ge=0)] = 300.0
    notify_interval_seconds: Annotated[float, Field(gt=0)] = 1.0

    @cached_property
    def database(self) -> URL:
        """The database's address with the driver this project installs."""
        text = self.database_url or f"sqlite:///{self.data_dir.absolute() / 'face-monitor.db'}"
        url = make_url(text)
        drivers = {
            "postgres": "postgresql+psycopg",
            "postgresql": "postgresql+psycopg",
            "mysql": "mysql+pymysql",
            "mariadb": "mariadb+pymysql",
        }
        return url.set(drivername=drivers.get(url.drivername, url.drivername))

    @property
    def broker(self) -> str:
        """The broker's address; a private folder when none is set."""
        return self.broker_url or "filesystem://"

    @property
    def broker_folder(self) -> Path:
        """Where the embedded broker keeps its hints."""
        return self.data_dir.absolute() / "broker"

    @property
    def frame_store(self) -> str:
        """The frame store's address."""
        return self.frame_store_url or (self.data_dir.absolute() / "frames").as_uri()

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the service over TLS, directly or through a proxy."""
        if self.public_url:
            return self.public_url.startswith("https://")
        return self.tls_certificate is not None

    def required_secret_key(self) -> bytes:
        """Return the key that signs tickets and forms.

        Raises
        ------
        SettingsProblem
            It is not set.
        """
        if self.secret_key is None:
            message = (
                "FACE_MONITOR_SECRET_KEY is not set. Set it to a long random text, or start with "
                "`face-monitor up`, which makes one and keeps it in the data directory."
            )
            raise SettingsProblem(message)
        return self.secret_key.get_secret_value().encode()

    def required_encryption_keys(self) -> list[bytes]:
        """Return the outer keys: the first seals, all open.

        Raises
        ------
        SettingsProblem
            None is set.
        """
        if self.key_encryption_key is None:
            message = (
                "FACE_MONITOR_KEY_ENCRYPTION_KEY is not set. Set it to 32 random bytes in base64, "
                "or start with `face-monitor up`, which makes one and keeps it in the data "
                "directory. Without the same key, stored images can never be read again."
            )
            raise SettingsProblem(message)
        return [
            base64.b64decode(key) for key in self.key_encryption_key.get_secret_value().split(",")
        ]


def read_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises
    ------
    SettingsProblem
        A value cannot be used; the message names each.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [
            f"FACE_MONITOR_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        message = "Settings that cannot be used:\n  " + "\n  ".join(lines)
        raise SettingsProblem(message) from None
    if not settings.task_soft_limit_seconds < settings.task_hard_limit_seconds:
        message = (
            "FACE_MONITOR_TASK_SOFT_LIMIT_SECONDS must be below "
            "FACE_MONITOR_TASK_HARD_LIMIT_SECONDS, or a hanging frame is killed without a word."
        )
        raise SettingsProblem(message)
    if not settings.task_hard_limit_seconds < settings.lease_seconds:
        message = (
            "FACE_MONITOR_LEASE_SECONDS must be above FACE_MONITOR_TASK_HARD_LIMIT_SECONDS, "
            "or two workers may hold the same job."
        )
        raise SettingsProblem(message)
    if not settings.match_threshold < settings.mismatch_threshold:
        message = (
            "FACE_MONITOR_MATCH_THRESHOLD must be below FACE_MONITOR_MISMATCH_THRESHOLD: "
            "distances between the two are answered `inconclusive`."
        )
        raise SettingsProblem(message)
    return settings
