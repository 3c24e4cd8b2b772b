#!/usr/bin/env bash
# What action.yml does: gets a polylink, starts it, and waits until it is ready.
# The steps that follow have POLYLINK_URL, POLYLINK_BIN and POLYLINK_ADDR.
set -euo pipefail

fail() { echo "::error::polylink: $1"; exit 1; }

bin=${INPUT_BIN:-}
if [ -z "$bin" ]; then
  case "${RUNNER_OS:?}" in
    Linux) os=linux ;; macOS) os=darwin ;; Windows) os=windows ;; *) fail "there is no build for $RUNNER_OS" ;;
  esac
  case "${RUNNER_ARCH:?}" in
    X64) arch=amd64 ;; ARM64) arch=arm64 ;; *) fail "there is no build for $RUNNER_ARCH" ;;
  esac
  name=polylink-$os-$arch
  [ "$os" = windows ] && name=$name.exe
  from=https://github.com/$INPUT_REPOSITORY/releases
  if [ "$INPUT_VERSION" = latest ]; then from=$from/latest/download; else from=$from/download/v${INPUT_VERSION#v}; fi
  folder=$RUNNER_TEMP/polylink
  mkdir -p "$folder"
  for file in "$name" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 -o "$folder/$file" "$from/$file" || fail "cannot get $from/$file"
  done
  (cd "$folder" && grep "  $name\$" SHA256SUMS | { sha256sum -c - || shasum -a 256 -c -; }) || fail "$name is not what SHA256SUMS says"
  chmod +x "$folder/$name"
  bin=$folder/$name
fi

log=$RUNNER_TEMP/polylink.log
read -ra args <<< "${INPUT_ARGS:-}"
nohup "$bin" serve --addr "$INPUT_ADDR" ${args[@]+"${args[@]}"} > "$log" 2>&1 < /dev/null &
pid=$!
url=
for _ in $(seq 100); do
  kill -0 "$pid" 2> /dev/null || { cat "$log"; fail "it ended before it was ready"; }
  url=$(sed -n 's/^polylink listens on \(http[^ ]*\)$/\1/p' "$log" | head -n 1)
  if [ -n "$url" ] && "$bin" healthcheck --addr "${url#http://}" > /dev/null 2>&1; then break; fi
  url=
  sleep 0.1
done
[ -n "$url" ] || { cat "$log"; fail "it was not ready within ten seconds"; }
cat "$log"
{ echo "url=$url"; echo "log=$log"; } >> "$GITHUB_OUTPUT"
{ echo "POLYLINK_URL=$url"; echo "POLYLINK_ADDR=${url#http://}"; echo "POLYLINK_BIN=$bin"; } >> "$GITHUB_ENV"
