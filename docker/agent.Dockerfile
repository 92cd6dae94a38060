# A GPU server's agent. It has no grains, so it is the same in both builds. Debian's Python with ipykernel is the
# kernel that every user gets; a Python of your own (with torch for your GPUs) is one more line here and a --python.
#   docker build -f docker/agent.Dockerfile -t notebook-agent .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Agent -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS runtime

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-ipykernel libzmq5 libstdc++6 libssl3 ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=runtime /usr/share/dotnet /usr/share/dotnet
COPY --from=build /app /app
COPY kernel /app/kernel
# What NVIDIA's container runtime mounts: the driver's library for CUDA and NVML.
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
VOLUME /data
ENTRYPOINT ["/usr/share/dotnet/dotnet", "/app/Notebook.Agent.dll"]
