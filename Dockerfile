# syntax=docker/dockerfile:1
# One image for every process of a cluster: the silo (default), the front end (dotnet /app/front-end/Agora.FrontEnd.dll), the verbs.
# What it is built and run on; deploy/images.env is where their digests are set.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0
FROM ${SDK_IMAGE} AS build
# CI=true holds packages to the lock files.
ENV CI=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig ./
COPY src/ src/
COPY sql/ sql/
COPY proto/ proto/
COPY docs/errors.md docs/
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish src/Silo -c Release -o /app/silo && \
    dotnet publish src/FrontEnd -c Release -o /app/front-end && \
    mkdir -m 0700 /data

FROM ${RUNTIME_IMAGE}
# Nothing is written outside /var/lib/agora, so the root file system may be read-only; diagnostics would need a socket in /tmp.
ENV DOTNET_ENVIRONMENT=Production DOTNET_GCgen0size=0x8000000 \
    DOTNET_EnableDiagnostics=0
COPY --from=build /app /app
COPY --from=build --chown=1654:1654 /data /var/lib/agora
# The base image's own user "app", by number: orchestrators refuse a name where they ask for non-root.
USER 1654:1654
WORKDIR /app/silo
EXPOSE 8080 11111 30000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["dotnet", "/app/silo/Agora.Silo.dll", "healthcheck"]
ENTRYPOINT ["dotnet", "/app/silo/Agora.Silo.dll"]
