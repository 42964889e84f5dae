# One image for web, worker, beat and the one-off preparation. Packages come from the lock, by hash.
FROM node:22-bookworm-slim AS frontend
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run vendor

FROM python:3.11-slim-bookworm
ENV PYTHONUTF8=1 PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=pharmacrm.settings.prod PHARMACRM_HOME=/data \
    PHARMACRM_STATIC=/app/collected
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home pharmacrm \
    && install -d -o pharmacrm -g pharmacrm /data
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=frontend /app/node_modules ./node_modules
COPY --from=frontend /app/var/vendor ./var/vendor
# Placeholders: nothing is connected to while catalogues and static files are made.
RUN SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgresql:///build REDIS_URL=redis://build \
    sh -c "python manage.py compile_catalogues && python manage.py collectstatic --noinput -v0 \
    && chown -R pharmacrm /data"
USER pharmacrm
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "docker/healthy.py"]
CMD ["granian", "--interface", "wsgi", "pharmacrm.wsgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--blocking-threads-idle-timeout", "600", "--no-ws", \
     "--respawn-failed-workers"]
