# shellcheck shell=bash
# TLS of what QEMU itself sends on a compute: a server's memory and disks as it moves live. It uses services.sh.
#
#   encrypt_qemu     QEMU gets this node's certificate, and libvirt is told to take nothing less; without
#                    TLS libvirt's settings are again the package's
#   forget_qemus     without TLS: removes what libvirt, started anew, no longer reads
#   prove_qemu       QEMU takes the certificate, and its purposes
#
# QEMU knows its files by these names, and AppArmor lets it read none elsewhere. It reads them for each move.

QEMU_TLS=/etc/pki/qemu
QEMU_LINKS=(ca-cert.pem=ca.crt {server,client}-cert.pem=node.crt {server,client}-key.pem=node.key)
LIBVIRT_SETTINGS=/etc/libvirt/qemu.conf

encrypt_qemu() {
  local link
  if [[ $TLS ]]; then
    put $QEMU_TLS/ca.crt root:root 0644 <"$TLS_FILES/ca.crt"
    put $QEMU_TLS/node.crt root:root 0644 <"$TLS_FILES/node.crt"
    put $QEMU_TLS/node.key root:libvirt-qemu 0640 <"$TLS_FILES/node.key"
    for link in "${QEMU_LINKS[@]}"; do
      if [[ $(readlink "$QEMU_TLS/${link%=*}") != "${link#*=}" ]] &&
        differs "$QEMU_TLS/${link%=*} is no link to ${link#*=}"; then
        ln -sfn "${link#*=}" "$QEMU_TLS/${link%=*}"
        changed "$QEMU_TLS/${link%=*} is ${link#*=}"
      fi
    done
  fi
  libvirt_settings | put $LIBVIRT_SETTINGS "$(stat -c '%U:%G' $LIBVIRT_SETTINGS)" "$(stat -c '%a' $LIBVIRT_SETTINGS)"
}

# The package's file, and what somebody has added. Of two lines with one key libvirt takes the first.
libvirt_settings() {
  if [[ $TLS ]]; then
    cat <<EOF
# TLS of the cloud, by iaas-install-nova-compute.sh
migrate_tls_x509_cert_dir = "$QEMU_TLS"
migrate_tls_x509_verify = 1
migrate_tls_force = 1
# end of TLS
EOF
  fi
  sed '/^# TLS of the cloud/,/^# end of TLS/d' $LIBVIRT_SETTINGS
}

forget_qemus() {
  if [[ ! $TLS && -e $QEMU_TLS/node.key ]] && differs "$QEMU_TLS is there, and QEMU speaks no TLS"; then
    rm -f $QEMU_TLS/{ca-cert,server-cert,server-key,client-cert,client-key}.pem $QEMU_TLS/{ca,node}.crt
    rm $QEMU_TLS/node.key
    rmdir --ignore-fail-on-non-empty $QEMU_TLS ${QEMU_TLS%/*}
    changed "removed QEMU's certificate"
  fi
}

prove_qemu() {
  local purpose
  if [[ ! $TLS ]] || comparing; then return; fi
  doing "proving that QEMU takes this node's certificate, for both ends of a move"
  for purpose in sslserver sslclient; do
    openssl verify -purpose $purpose -CAfile $QEMU_TLS/ca-cert.pem $QEMU_TLS/server-cert.pem
  done
  for purpose in server client; do
    as libvirt-qemu qemu-system-x86_64 -machine none -nodefaults -display none -monitor stdio \
      -object "tls-creds-x509,id=tls,dir=$QEMU_TLS,endpoint=$purpose,verify-peer=yes" <<<quit
  done
}
