# shellcheck shell=bash
# The proxy of consoles on the controller, which asks QEMU on the computes by TLS. It uses services.sh.
#
#   console_proxy   it has a key that Nova may read, and runs as novncproxy.py
#   vnc_options     prints the lines of [vnc] by which it does

CONSOLE_PROXY=/usr/local/lib/iaas/novncproxy.py
# shellcheck disable=SC2034  # for steps
CONSOLE_FILES=(/etc/nova/node.key /etc/default/nova-novncproxy "$CONSOLE_PROXY")

console_proxy() {
  put /etc/nova/node.key root:nova 0640 <"$TLS_FILES/node.key"
  put /etc/default/nova-novncproxy root:root 0644 <<EOF
# Of iaas-install-nova-controller.sh.
DAEMON="/usr/bin/python3 -P $CONSOLE_PROXY"
EOF
}

# With TLS in the settings or without: a server speaks it, or not, as it did when it was started.
vnc_options() {
  cat <<EOF
auth_schemes = vencrypt,none
vencrypt_client_key = /etc/nova/node.key
vencrypt_client_cert = $TLS_FILES/node.crt
vencrypt_ca_certs = $TLS_FILES/ca.crt
EOF
}
