# The registry in one small image. `docker run -p 8000:8000 -v mengfu:/data IMAGE up --host 0.0.0.0` works alone, with the
# embedded PostgreSQL; deploy/README.md has the rest. Classic syntax on purpose: builds without BuildKit, too.

FROM python:3.13-slim AS build
# Where packages come from: pip's own default, or what the builder says (docker build --build-arg PIP_INDEX_URL=...).
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# No pip in the environment that is shipped: the build stage's own pip installs into it.
RUN python -m venv --without-pip /opt/mengfu
# The dependencies first, in a layer of their own: a change of our code does not install them anew.
COPY pyproject.toml requirements.lock ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
      >dependencies.txt \
 && pip --python /opt/mengfu/bin/python install --quiet --only-binary=:all: -c requirements.lock -r dependencies.txt
COPY README.md ./
COPY service service
COPY seeds seeds
COPY migrations migrations
RUN pip wheel --quiet --no-deps --wheel-dir dist . \
 && pip --python /opt/mengfu/bin/python install --quiet -c requirements.lock dist/*.whl

FROM python:3.13-slim
# A fixed id, so that a volume stays readable from one image to the next. The entry in /etc/passwd is needed: initdb refuses
# a user without a name. The folder is made here because an empty named volume takes its owner and mode from it.
RUN groupadd --system --gid 10001 mengfu \
 && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin mengfu \
 && install -d -o mengfu -g mengfu -m 0700 /data
COPY --from=build /opt/mengfu /opt/mengfu
# The root file system may be read-only: pip compiled the modules above, and whatever is written goes to /data.
ENV PATH=/opt/mengfu/bin:$PATH LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOME=/data TMPDIR=/data MENGFU_HOME=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# http.client, since urllib would ask a proxy named in the environment. The first start may have to run initdb and seed.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-ISc", \
  "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health/ready'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["mengfu"]
CMD ["serve", "--host", "0.0.0.0"]
