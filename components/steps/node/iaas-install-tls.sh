#!/usr/bin/env bash
# Every node: it trusts the cloud's authority, and has a certificate of it. Both come with the
# settings, whether its services use them or not.
# shellcheck source=step.sh
. /usr/local/lib/iaas/step.sh
# shellcheck source=services.sh
. /usr/local/lib/iaas/services.sh

TRUSTED=/usr/local/share/ca-certificates

# The authority of each generation has a file of its own: from one with several the system makes no links.
write_authorities() {
  local new file
  new=$(mktemp -d "$WORK/XXXXXX")
  awk -v into="$new/iaas-" '/BEGIN/ { n++ } { print > (into n ".crt") }' "$TLS_FILES/ca.crt"
  for file in "$new"/*; do put "$TRUSTED/${file##*/}" root:root 0644 <"$file"; done
  for file in "$TRUSTED"/iaas-*.crt; do
    if [[ -e $file && ! -e $new/${file##*/} ]] && differs "$file is of an authority of before"; then
      rm "$file"
      changed "removed $file, of an authority of before"
    fi
  done
  rm -r "$new"
}

is_trusted() {
  openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt "$TLS_FILES/node.crt"
}

trust() {
  if cmp -s "$TLS_FILES/ca.crt" "$STATE/trusted" && is_trusted; then return; fi
  differs "this node does not trust the cloud's authority" || return 0
  doing "trusting the cloud's authority"
  update-ca-certificates
  cp "$TLS_FILES/ca.crt" "$STATE/trusted.new"
  mv "$STATE/trusted.new" "$STATE/trusted"
  changed "this node trusts the cloud's authority"
}

step tls
comparing || install -d "$TRUSTED"
write_authorities
trust
if comparing; then
  must_last "$TLS_FILES/node.crt" "this node's certificate ends within a month; 'pulumi up' renews it"
  exit
fi
doing "proving that the certificate in use is ${TLS:-none}, is trusted, and belongs to the key"
is_trusted
cmp <(openssl x509 -in "$TLS_FILES/node.crt" -noout -pubkey) <(openssl pkey -in "$TLS_FILES/node.key" -pubout)
