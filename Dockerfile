FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# Without what only a build needs; ffmpeg stays.
RUN npm run build && npm run slim

# glibc, which the Temporal SDK's native part needs.
FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
# The slim image has no root certificates, and Temporal and the vendors are reached by TLS.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node /run/showcaller
ARG VERSION=unreleased
LABEL org.opencontainers.image.title="showcaller" \
  org.opencontainers.image.description="Durable orchestration of live video events" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}"
# Garbage that lives for milliseconds is collected more seldom: docs/operations.md.
ENV NODE_ENV=production \
  NODE_OPTIONS=--max-semi-space-size=32 \
  SHOWCALLER_HEALTH_PORT=8081
WORKDIR /app
# All of it belongs to root: what runs cannot change itself.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# By number, so that Kubernetes can see that it is not root. It is the user `node`.
USER 1000
EXPOSE 8080 8081 9464
# Of a worker. Another command of the image has another check: see docker-compose.yml.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.SHOWCALLER_HEALTH_PORT + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker"]
