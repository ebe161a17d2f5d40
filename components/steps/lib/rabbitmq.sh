# shellcheck shell=bash
# RabbitMQ: on the controller, of step mysql, an account and a virtual host for each service that
# uses it, on the management address only; and what any node asks it. It uses services.sh.

# ARGS: about its accounts, and who listens on its queues (rabbit.py).
rabbit() {
  python3 /usr/local/lib/iaas/rabbit.py "$@"
}

# Its clients log in with passwords, so they need no certificates.
rabbitmq_listener() {
  if [[ ! $TLS ]]; then
    echo "listeners.tcp.1 = $HOST_IP:5672"
    return
  fi
  cat <<EOF
listeners.tcp = none
listeners.ssl.1 = $HOST_IP:5671
ssl_options.cacertfile = $TLS_FILES/ca.crt
ssl_options.certfile = $TLS_FILES/node.crt
ssl_options.keyfile = /etc/rabbitmq/node.key
ssl_options.verify = verify_none
ssl_options.fail_if_no_peer_cert = false
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
EOF
}

configure_rabbitmq() {
  put /etc/rabbitmq/node.key root:rabbitmq 0640 <"$TLS_FILES/node.key"
  # Definitions read at the first start keep RabbitMQ from making its guest.
  put /etc/rabbitmq/rabbitmq.conf root:rabbitmq 0640 <<EOF
# Of iaas-install-mysql.sh.
$(rabbitmq_listener)
vm_memory_high_watermark.absolute = $(size queueMemory)MiB
load_definitions = /etc/rabbitmq/definitions.json
EOF
  put /etc/rabbitmq/rabbitmq-env.conf root:rabbitmq 0640 <<EOF
# Of iaas-install-mysql.sh: Erlang's own port stays on this node.
NODENAME=rabbit@localhost
SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
EOF
  rabbit definitions nova neutron | put /etc/rabbitmq/definitions.json root:rabbitmq 0640
  keep_names
  outdated rabbitmq-server.service /etc/rabbitmq/{rabbitmq.conf,rabbitmq-env.conf,definitions.json} \
    ${TLS:+"$TLS_FILES/node.crt" "$TLS_FILES/ca.crt" /etc/rabbitmq/node.key}
}

# Erlang's names of nodes, which Debian's socket gives to whoever asks.
keep_names() {
  put /etc/systemd/system/epmd.socket.d/iaas.conf root:root 0644 <<EOF
# Of iaas-install-mysql.sh.
[Socket]
ListenStream=
ListenStream=127.0.0.1:4369
EOF
  if ! comparing; then systemctl daemon-reload; fi
  if [[ $(ss -Hltn 'sport = :4369') == *"*:4369"* ]] && differs "epmd.socket listens on all addresses"; then
    systemctl stop rabbitmq-server.service epmd.socket epmd.service
    systemctl start epmd.socket
    changed "epmd.socket listens on 127.0.0.1"
  fi
}

prove_rabbitmq() {
  await 60 "RabbitMQ to take its accounts and no guest" rabbit accounts "$HOST_IP" nova neutron
}

# An older version had one virtual host for all.
keep_accounts_apart() {
  local account host
  while read -r account host; do
    if [[ -z $host ]] || ! differs "$account may use the virtual host $host"; then continue; fi
    rabbitmqctl -q clear_permissions -p "$host" "$account"
    changed "$account may not use the virtual host $host"
  done < <(rabbit strangers "$HOST_IP" nova neutron)
}
