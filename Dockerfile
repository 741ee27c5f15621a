# TagRank; unless told otherwise in embedded mode, everything in one process, the truth in the volume /data:
#   docker build -t tagrank .
#   docker run -p 127.0.0.1:50051:50051 -v tagrank-data:/data tagrank
# compose.yaml runs it with Redis and PostgreSQL.

FROM node:20-slim AS build
WORKDIR /app
# .npmrc comes along: it keeps install scripts off.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:20-slim
ENV NODE_ENV=production \
    TAGRANK_LISTEN=0.0.0.0:50051 \
    TAGRANK_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY proto ./proto
COPY models ./models
COPY policies ./policies
COPY data ./data
COPY docker/healthcheck.mjs ./docker/
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 50051
# A start replays the whole log: give a large store longer.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m CMD ["node", "docker/healthcheck.mjs"]
STOPSIGNAL SIGTERM
# Not through npm, which does not pass on signals well.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
