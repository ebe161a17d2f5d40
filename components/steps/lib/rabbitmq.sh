# shellcheck shell=bash
# RabbitMQ: on the controller, of step mysql, an account for each service that uses it, on the
# management address only; and what any node asks it. It uses services.sh.

# ARGS: about its accounts, and who listens on its queues (rabbit.py).
rabbit() {
  python3 /usr/local/lib/iaas/rabbit.py "$@"
}

configure_rabbitmq() {
  # Definitions read at the first start keep RabbitMQ from making its guest.
  put /etc/rabbitmq/rabbitmq.conf rabbitmq:rabbitmq 0640 <<EOF
# Of iaas-install-mysql.sh.
listeners.tcp.1 = $HOST_IP:5672
vm_memory_high_watermark.absolute = $(size queueMemory)MiB
load_definitions = /etc/rabbitmq/definitions.json
EOF
  put /etc/rabbitmq/rabbitmq-env.conf rabbitmq:rabbitmq 0640 <<EOF
# Of iaas-install-mysql.sh: Erlang's own port stays on this node.
export ERL_EPMD_ADDRESS=127.0.0.1
NODENAME=rabbit@localhost
SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
EOF
  rabbit definitions nova neutron | put /etc/rabbitmq/definitions.json rabbitmq:rabbitmq 0600
  outdated rabbitmq-server.service /etc/rabbitmq/{rabbitmq.conf,rabbitmq-env.conf,definitions.json}
}

prove_rabbitmq() {
  await 60 "RabbitMQ to take its accounts and no guest" rabbit accounts "$HOST_IP" nova neutron
}
