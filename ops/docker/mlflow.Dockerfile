# MLflow's server, which the official image has without boto3, as it is safe to run: locked by hash (`nox -s lock`),
# without the libraries that only loading a model needs, and with its unsafe defaults off.
FROM python:3.13.16-slim-trixie
WORKDIR /opt/mlflow
COPY mlflow.txt ./
RUN python -m venv /opt/mlflow \
 && /opt/mlflow/bin/pip install --no-cache-dir --only-binary :all: --no-deps --require-hashes -r mlflow.txt \
 && /opt/mlflow/bin/pip uninstall --yes pip \
 && install --directory --owner=10002 --group=10002 /data
COPY mlflow-auth.ini ./
ENV PATH=/opt/mlflow/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MLFLOW_BACKEND_STORE_URI=sqlite:////data/mlflow.db \
    MLFLOW_ARTIFACTS_DESTINATION=/data/artifacts \
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false \
    MLFLOW_ALLOW_PICKLE_DESERIALIZATION=false \
    MLFLOW_DISABLE_TELEMETRY=true \
    MLFLOW_AUTH_CONFIG_PATH=/opt/mlflow/mlflow-auth.ini
USER 10002:10002
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:5000/health', timeout=4)"]
CMD ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000", "--workers", "1"]
