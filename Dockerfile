# The operator's image: locked dependencies, the package, the node programs and Debian's static busybox.
# The setup and wipe Pods run the same image as root with /opt/batchyard/bin/busybox as their command.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS builder
RUN test -x /bin/busybox \
    || { apt-get update && apt-get install --yes --no-install-recommends binutils busybox-static; }

# Two optional build secrets help behind a company's proxy: pip.conf, and ca.crt for it to name as /run/secrets/ca.crt.
# Left out afterwards: what installs packages, debug symbols, and the generated code that is most of `kubernetes` (its
# asynchronous twin and its API classes), because the operator takes only configuration and authentication from it.
# The byte code is made here because the root file system is read-only later; few of the models are ever loaded.
COPY requirements.lock /build/
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf --mount=type=secret,id=ca.crt \
    python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-compile --only-binary=:all: --require-hashes -r /build/requirements.lock \
    && /opt/venv/bin/pip uninstall --yes setuptools pip \
    && cd /opt/venv/lib/python3.11/site-packages \
    && rm -r kubernetes/aio kubernetes/client/api \
    && find . -name tests -prune -exec rm -r {} + \
    && { ! command -v strip || find . -name '*.so' -exec strip --strip-debug {} +; } \
    && /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash -x kubernetes/client/models .

COPY operator/ /opt/batchyard/operator/
RUN mkdir /opt/batchyard/bin /opt/batchyard/node \
    && cp /bin/busybox /opt/batchyard/bin/ \
    && mv /opt/batchyard/operator/batchyard/node/*.sh /opt/batchyard/node/ \
    && /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/batchyard/operator

FROM ${BASE}
LABEL org.opencontainers.image.title=batchyard org.opencontainers.image.licenses=Apache-2.0
# The user of this number has neither a home nor a name in the image.
ENV HOME=/tmp LOGNAME=batchyard PYTHONPATH=/opt/batchyard/operator PYTHONUNBUFFERED=1
USER 65532:65532
ENTRYPOINT ["/opt/venv/bin/python", "-m", "batchyard"]
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /opt/batchyard /opt/batchyard
