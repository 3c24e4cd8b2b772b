# The image is one static binary, which `make dist` builds:
#
#   make dist PLATFORMS=linux/amd64
#   docker build -t polylink .
#   docker run --rm -p 127.0.0.1:12121:12121 polylink
#
# Outside of loopback the control API asks for a token: -e POLYLINK_ADMIN_TOKEN=…
FROM scratch
ARG TARGETARCH=amd64
COPY dist/polylink-linux-${TARGETARCH} /polylink
COPY LICENSE NOTICE THIRD_PARTY_LICENSES /licences/
USER 65532:65532
# Without a config.yaml here the built-in dialects are served; mount a folder to bring one.
WORKDIR /work
ENV POLYLINK_ADDR=0.0.0.0:12121
EXPOSE 12121
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s CMD ["/polylink", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/polylink"]
CMD ["serve"]
