# shellcheck shell=bash
# TLS of what QEMU itself sends on a compute: a server's memory and disks as it moves live, and what its
# console shows. It uses services.sh.
#
#   encrypt_qemu     QEMU gets this node's certificate, and libvirt is told to take nothing less; without
#                    TLS libvirt's settings are again the package's
#   reload_consoles  servers that run show this certificate, too
#   forget_qemus     without TLS: removes what libvirt, started anew, no longer reads
#   prove_qemu       QEMU takes the certificate, and its purposes
#
# QEMU knows its files by these names, and AppArmor lets it read none elsewhere. It reads them for each move,
# and for a console as a server starts.
#
# GnuTLS before 3.8.11 takes another key in TLS 1.3 once it has sent 2^24 records by AES, some 64 GB of a
# server's memory. QEMU reads in one thread and writes in another meanwhile, and the move fails, or the
# server ends. ChaCha20 keeps its key. libvirt before 11.6 can't tell QEMU so: it, and what it starts, see a
# GnuTLS configuration that has nothing else; the rest of the node does not.

QEMU_TLS=/etc/pki/qemu
QEMU_LINKS=(ca-cert.pem=ca.crt {server,client}-cert.pem=node.crt {server,client}-key.pem=node.key)
LIBVIRT_SETTINGS=/etc/libvirt/qemu.conf
LIBVIRT_UNIT=/etc/systemd/system/libvirtd.service.d/iaas.conf
CIPHERS=/etc/libvirt/iaas-gnutls.conf
GNUTLS_CONFIG=/etc/gnutls/config

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
    only_chacha
  elif [[ -e $LIBVIRT_UNIT ]] && differs "$LIBVIRT_UNIT is there, and QEMU speaks no TLS"; then
    rm $LIBVIRT_UNIT
    rmdir --ignore-fail-on-non-empty ${LIBVIRT_UNIT%/*}
    systemctl daemon-reload
    changed "removed $LIBVIRT_UNIT"
  fi
  libvirt_settings | put $LIBVIRT_SETTINGS "$(stat -c '%U:%G' $LIBVIRT_SETTINGS)" "$(stat -c '%a' $LIBVIRT_SETTINGS)"
}

only_chacha() {
  put $CIPHERS root:root 0644 <<EOF
# Of iaas-install-nova-compute.sh: what libvirtd, and each server's QEMU, see as $GNUTLS_CONFIG.
[overrides]
tls-disabled-cipher = aes-256-gcm
tls-disabled-cipher = aes-128-gcm
tls-disabled-cipher = aes-256-ccm
tls-disabled-cipher = aes-128-ccm
EOF
  # Something must be there for another file to lie on.
  if [[ ! -e $GNUTLS_CONFIG ]] && differs "$GNUTLS_CONFIG is not there"; then
    install -D -m 0644 /dev/null $GNUTLS_CONFIG
  fi
  put $LIBVIRT_UNIT root:root 0644 <<EOF
# Of iaas-install-nova-compute.sh.
[Service]
BindReadOnlyPaths=-$CIPHERS:$GNUTLS_CONFIG
EOF
  comparing || systemctl daemon-reload
}

# The package's file, and what somebody has added. Of two lines with one key libvirt takes the first.
libvirt_settings() {
  if [[ $TLS ]]; then
    cat <<EOF
# TLS of the cloud, by iaas-install-nova-compute.sh
migrate_tls_x509_cert_dir = "$QEMU_TLS"
migrate_tls_x509_verify = 1
migrate_tls_force = 1
vnc_tls = 1
vnc_tls_x509_cert_dir = "$QEMU_TLS"
vnc_tls_x509_verify = 1
# end of TLS
EOF
  fi
  sed '/^# TLS of the cloud/,/^# end of TLS/d' $LIBVIRT_SETTINGS
}

# What a server's QEMU has read as it started ends some day.
reload_consoles() {
  local file newer="" server servers
  if [[ ! $TLS ]]; then return; fi
  for file in $QEMU_TLS/{ca.crt,node.crt,node.key}; do
    if [[ $file -nt $STATE/consoles ]]; then newer=$file; fi
  done
  if [[ $newer ]] && differs "servers run since before the last change of $newer"; then
    touch "$STATE/consoles.new"
    mapfile -t servers < <(virsh -q -c qemu:///system list --name | sed '/^$/d')
    for server in "${servers[@]}"; do
      # One that was started without TLS has nothing to read.
      virsh -q -c qemu:///system domdisplay-reload "$server" || true
    done
    mv "$STATE/consoles.new" "$STATE/consoles"
    changed "consoles show this node's certificate"
  fi
}

forget_qemus() {
  if [[ ! $TLS && -e $QEMU_TLS/node.key ]] && differs "$QEMU_TLS is there, and QEMU speaks no TLS"; then
    rm -f $QEMU_TLS/{ca-cert,server-cert,server-key,client-cert,client-key}.pem $QEMU_TLS/{ca,node}.crt
    rm -f "$STATE/consoles"
    [[ -s $GNUTLS_CONFIG ]] || rm -f $GNUTLS_CONFIG
    rm -f $CIPHERS $QEMU_TLS/node.key
    rmdir $QEMU_TLS ${QEMU_TLS%/*} ${GNUTLS_CONFIG%/*} 2>/dev/null || true
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
