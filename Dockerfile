# The app in a container: docker build -t lab-workbench . ; see compose.yaml for how to run it.
# Works with the classic builder and with BuildKit.
ARG BASE=python:3.11-slim

FROM ${BASE} AS packages
# The lock is complete: --no-deps, because pip would refuse extras that carry no hash.
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --no-deps --require-hashes -r /tmp/requirements.txt

FROM ${BASE}
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin lab \
    && mkdir /workspace && chown lab:lab /workspace && chmod 700 /workspace
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . /app
RUN /opt/venv/bin/python -m compileall -q /app/lab
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LAB_WORKSPACE=/workspace \
    DO_NOT_TRACK=true \
    MLFLOW_DISABLE_TELEMETRY=true \
    STREAMLIT_BROWSER_GATHER_USAGE_STATS=false
USER lab
VOLUME /workspace
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
# All interfaces of the container only; compose.yaml publishes it on the host's loopback.
CMD ["python", "-m", "lab.ui.launch", "--address", "0.0.0.0", "--port", "8501"]
