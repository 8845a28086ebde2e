# The service: docker build -t shelftalk . — see docs/deploy.md.
FROM python:3.11-slim-bookworm

# libgomp is what LightGBM's and OpenVINO's threads need.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
# Alone and first, so that a change of ours doesn't fetch it again; --build-arg TORCH_INDEX=… takes another build of it.
ARG TORCH_INDEX=
RUN pip install --no-cache-dir torch==2.13.0 ${TORCH_INDEX:+--index-url "$TORCH_INDEX"}

COPY pyproject.toml README.md LICENSE NOTICE ./
COPY retrieval retrieval
COPY assistant assistant
COPY finetune finetune
COPY ui ui
RUN pip install --no-cache-dir '.[postgres]'

# Nothing in the container needs root; the store and the models live in the volume.
RUN useradd --create-home --uid 1000 shelftalk && mkdir /data && chown shelftalk /data
USER shelftalk
VOLUME /data
ENV SHELFTALK_STORE=/data/store SHELFTALK_MODELS=/data/models SHELFTALK_HOST=0.0.0.0 SHELFTALK_PORT=7860 \
    SHELFTALK_LOG_FORMAT=json
EXPOSE 7860
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/readyz', timeout=4)"]
# Longer than SHELFTALK_SHUTDOWN_SECONDS is what the orchestrator has to wait after this signal.
STOPSIGNAL SIGTERM
CMD ["shelftalk", "serve"]
