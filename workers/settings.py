"""Settings of worker and sweeper, read once from EKYC_* at the command line and passed inward."""

from __future__ import annotations

import os
import socket
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.policy import POLICIES, POLICY_V3
from pipeline.weights import DEFAULT_ROOT


class DeviceWish(StrEnum):
    """Which device the models may use."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class WorkerSettings(BaseSettings):
    """How stages are worked on. Thresholds are not here: they are policy and model profiles, in code.

    Time, seconds: soft limit < hard limit < lease < visibility timeout, each with room, or one piece of work would be
    done by two workers at once (harmless, because the first finisher wins, but wasteful).
    """

    model_config = SettingsConfigDict(env_prefix="EKYC_", frozen=True)

    #: Dotted name of the module that loads the engines. Tests plug in quick deterministic ones.
    engines: str = "workers.real_engines"
    device: DeviceWish = DeviceWish.AUTO
    face_backend: str = "dlib"
    landmarks: str = "facemesh"
    #: Entry of the weights' manifest that tells living faces from copies; without one that cue is not evaluated.
    passive: str | None = Field(default=None, min_length=1)
    weights_root: Path = DEFAULT_ROOT
    #: Folder of the country signing authorities' certificates; without it the origin of a chip stays unknown.
    csca_dir: Path | None = None

    #: Version of the policy by which cases are decided, one of `pipeline.policy.POLICIES`.
    policy: str = POLICY_V3.version

    #: Pending rows that one bell may claim. More than 1 pays on a GPU only.
    claim_rows: int = Field(default=1, ge=1, le=64)
    soft_limit_s: float = Field(default=45, gt=0)
    hard_limit_s: float = Field(default=60, gt=0)
    lease_s: float = Field(default=90, gt=0)
    visibility_timeout_s: float = Field(default=300, gt=0)
    #: Threads of each model runtime in one process. All workers together should not exceed the cores.
    threads: int = Field(default_factory=lambda: max(1, (os.cpu_count() or 1) // 4), ge=1)
    #: Stable over restarts of the same worker and unique among live ones.
    worker_name: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")

    heartbeat_s: float = Field(default=10, gt=0)
    sweep_s: float = Field(default=3, gt=0)
    #: A pending row is rung again after this.
    pending_grace_s: float = Field(default=5, ge=0)
    #: How often cases that nobody finished are looked for.
    expire_s: float = Field(default=60, gt=0)
    #: How often the head of the audit chain is signed and kept outside the database.
    anchor_s: float = Field(default=600, gt=0)

    #: How often what is due is erased.
    purge_s: float = Field(default=300, gt=0)
    #: Days after the end of a case; where they come from: docs/data_flow.md.
    retain_biometrics_days: float = Field(default=30, ge=0)
    retain_approved_days: float = Field(default=10 * 365.25, ge=0)
    retain_rejected_days: float = Field(default=2 * 365.25, ge=0)
    retain_expired_days: float = Field(default=30, ge=0)
    #: Days after which an event that was delivered to every receiver is forgotten.
    retain_delivered_days: float = Field(default=90, ge=0)

    @field_validator("policy")
    @classmethod
    def _known_policy(cls, version: str) -> str:
        if version not in POLICIES:
            raise ValueError(f"policy must be one of {sorted(POLICIES)}, not {version!r}")
        return version

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        limits = (self.soft_limit_s, self.hard_limit_s, self.lease_s, self.visibility_timeout_s)
        if any(earlier >= later for earlier, later in pairwise(limits)):
            raise ValueError(f"limits must be soft < hard < lease < visibility, not {limits}")
        return self
