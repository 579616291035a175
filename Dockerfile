# One image for every process of the service; docker-compose.yml says which runs what.
FROM node:22-bookworm-slim AS browser
WORKDIR /browser
COPY clients/browser/package.json clients/browser/package-lock.json clients/
COPY api/pages/package.json api/pages/package-lock.json pages/
RUN cd clients && npm ci --omit=dev --no-audit --no-fund && cd ../pages && npm ci --omit=dev --no-audit --no-fund

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 face-monitor \
    && mkdir -p /var/lib/face-monitor && chown face-monitor /var/lib/face-monitor
WORKDIR /app
COPY requirements.lock requirements-build.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements-build.lock \
    && pip install --no-cache-dir --no-deps --require-hashes --no-build-isolation -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY clients clients
COPY models models
COPY verifier verifier
COPY worker worker
COPY --from=browser /browser/clients/node_modules clients/browser/node_modules
COPY --from=browser /browser/pages/node_modules api/pages/node_modules
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . -e clients/python \
    && python -m verifier.install_weights clients/browser/node_modules/@vladmandic/face-api/model
USER face-monitor
ENV FACE_MONITOR_DATA_DIR=/var/lib/face-monitor PYTHONUNBUFFERED=1
VOLUME /var/lib/face-monitor
EXPOSE 8000
CMD ["face-monitor", "serve"]
