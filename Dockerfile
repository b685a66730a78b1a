# Two images from one file: `gateway` (no model runtime: gateway, sweeper, migrate) and `worker` (all engines).
# Both run from /app, where the flat packages, migrations/ and weights/ lie side by side, as user 10001.
FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/ekyc/bin:$PATH
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin ekyc \
 && install -d -o ekyc -g ekyc /var/lib/ekyc /var/lib/ekyc/blobs /var/lib/ekyc/anchors
WORKDIR /app

FROM base AS source
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/ekyc
COPY pyproject.toml constraints.txt README.md ./
COPY pipeline pipeline
COPY store store
COPY api api
COPY workers workers
COPY capture_client capture_client
COPY specimen specimen
COPY ekyc ekyc
COPY migrations migrations
COPY weights weights

FROM source AS build-gateway
RUN pip install -c constraints.txt -e '.[api]'

FROM source AS build-worker
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*
RUN pip install -c constraints.txt -e '.[workers,fetch]' && ekyc weights fetch && ekyc weights verify

FROM build-worker AS build-worker-gpu
# onnxruntime-gpu brings the same module with the CUDA provider; exactly one of the two may be installed.
RUN pip uninstall -y onnxruntime && pip install "onnxruntime-gpu==1.32.0"

FROM base AS gateway
COPY --from=build-gateway /opt/ekyc /opt/ekyc
COPY --from=build-gateway /app /app
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["ekyc", "health", "gateway"]
STOPSIGNAL SIGTERM
CMD ["ekyc", "gateway", "--host", "0.0.0.0", "--port", "8080"]

FROM base AS worker
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*
COPY --from=build-worker /opt/ekyc /opt/ekyc
COPY --from=build-worker /app /app
USER 10001
STOPSIGNAL SIGTERM
CMD ["ekyc", "worker", "control"]

FROM nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04 AS cuda

FROM worker AS worker-gpu
COPY --from=cuda /usr/local/cuda/lib64 /usr/local/cuda/lib64
COPY --from=cuda /usr/lib/x86_64-linux-gnu/libcudnn*.so.9* /usr/local/cuda/lib64/
ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64
COPY --from=build-worker-gpu /opt/ekyc /opt/ekyc
