# shellcheck shell=bash
# The proxy on the controller, HAProxy: an API listens on this node alone, and the proxy passes on what
# comes to its port of the management address. It uses services.sh and cloud.sh.
#
#   behind_proxy PORT INI   the line of /etc/default by which Debian starts a uwsgi service so
#   expose NAME PORT [MODE [LINES]]   the proxy takes what comes to PORT, by MODE: http, or tcp, which reads
#                           none of it; LINES are more of HAProxy's
#   login_limit TEST NUMBER   prints such lines: so many logins a minute from one address; TEST, one of
#                           HAProxy's, says which path is a login's

PROXY=/etc/haproxy/iaas

behind_proxy() {
  echo "DAEMON_ARGS=\"--http-socket 127.0.0.1:$1 --ini $2\""
}

# What a client says of its own address, or of how it came, counts for nothing.
forwarded() {
  cat <<EOF
  http-request del-header Forwarded
  http-request del-header X-Forwarded-Host
  http-request del-header X-Forwarded-Port
  http-request del-header X-Forwarded-Prefix
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto $(scheme)
EOF
}

login_limit() {
  cat <<EOF
  stick-table type ip size 100k expire 1m store http_req_rate(1m)
  http-request track-sc0 src if { method POST } { $1 }
  http-request return status 429 hdr Retry-After 60 content-type text/plain string "more than $2 logins a minute from this address" if { sc0_http_req_rate gt $2 }
EOF
}

expose() {
  local name=$1 port=$2 mode=${3-http} bind=$HOST_IP:$2 lines=""
  if [[ $mode == http ]]; then lines=$(forwarded); fi
  lines+=${4:+${lines:+$'\n'}$4}
  if [[ $TLS ]]; then
    # To who asks for its name, the team's own certificate.
    bind+=" ssl crt $TLS_FILES/node.crt${PUBLIC_CERTIFICATE:+ crt $TLS_FILES/public.pem}"
    [[ $mode == tcp ]] || lines+=$'\n  http-response set-header Strict-Transport-Security max-age=31536000'
  fi
  put /etc/default/haproxy root:root 0644 <<EOF
# Of the steps of the APIs.
CONFIG=$PROXY
EOF
  # While a service restarts, its clients wait.
  put $PROXY/00-base.cfg root:root 0644 <<EOF
# Of the steps of the APIs.
global
  user haproxy
  group haproxy
  chroot /var/lib/haproxy
  log stdout format raw daemon warning
  maxconn 4000
  hard-stop-after 1h
  ssl-load-extra-del-ext
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers ECDHE+AESGCM:ECDHE+CHACHA20

defaults
  log global
  timeout connect 5s
  timeout client 10m
  timeout server 10m
  timeout tunnel 1h
  retries 5
EOF
  put "$PROXY/$name.cfg" root:root 0644 <<EOF
# Of the step of this service.
listen $name
  mode $mode
  bind $bind
${lines:+$lines
}  server local 127.0.0.1:$port
EOF
  outdated haproxy.service /etc/default/haproxy
  refresh
  reload_proxy
  await 20 "the proxy on port $port" connects "$port"
}

# Not a restart: what others ask at this moment is answered to its end. Another step may be here, too.
reload_proxy() {
  local file newer=""
  exec 8>/run/lock/iaas-proxy
  flock 8
  for file in "$PROXY"/*.cfg "$TLS_FILES"/node.{crt,key} ${PUBLIC_CERTIFICATE:+"$TLS_FILES/public.pem"}; do
    if [[ $file -nt $STATE/proxy ]]; then newer=$file; fi
  done
  if [[ $newer ]] && differs "the proxy runs since before the last change of $newer"; then
    touch "$STATE/proxy.new"
    systemctl reload haproxy.service
    mv "$STATE/proxy.new" "$STATE/proxy"
    changed "reloaded the proxy"
  fi
  exec 8>&-
}

connects() {
  : <"/dev/tcp/$HOST_IP/$1"
}
