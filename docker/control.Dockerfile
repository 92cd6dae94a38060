# The control plane: silo and gateway, built for Orleans.
#   docker build -f docker/control.Dockerfile -t notebook-control .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG ORLEANS_VERSION=
WORKDIR /source
COPY . .
RUN for part in Silo Gateway; do \
      dotnet publish src/$part -c Release -p:GrainHost=Orleans ${ORLEANS_VERSION:+-p:OrleansVersion=$ORLEANS_VERSION} \
        -o /app/$part || exit 1; \
    done

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /app /app
VOLUME /data
# docker-compose.yml says which of the two runs.
CMD ["dotnet", "/app/Silo/Notebook.Silo.dll", "--help"]
