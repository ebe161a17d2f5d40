# shellcheck shell=bash
# Horizon on the controller: its files, and what it answers. It uses services.sh, sizes.sh and cloud.sh.
#
#   dashboard_port        prints the port that browsers ask
#   configure_dashboard   writes its files, and notes whether its service must start anew
#   dashboard_answers [--refuses]   asks it as a browser does (dashboard.py)

HORIZON_FILES=/etc/openstack-dashboard
HORIZON_UNIT=/etc/systemd/system/iaas-dashboard.service
# Logins of browsers, in memory, for its own account alone. In memcached, which has no accounts, any service of this
# node could read their tokens.
HORIZON_SESSIONS=/run/iaas-dashboard

dashboard_port() {
  if [[ $TLS ]]; then echo 443; else echo 80; fi
}

# Debian's files of local_settings.d follow this one; they say nothing of what is here.
horizon_settings() {
  local secure=False
  if [[ $TLS ]]; then secure=True; fi
  cat <<EOF
# Of iaas-install-dashboard.sh.
from openstack_dashboard.settings import HORIZON_CONFIG

DEBUG = False
SECRET_KEY = "$DASHBOARD_SECRET"
ALLOWED_HOSTS = ["$HOST_IP", "$HOST_NAME"${PUBLIC_NAME:+, "$PUBLIC_NAME"}]

OPENSTACK_KEYSTONE_URL = "$(scheme)://$HOST_IP:5000/v3"
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = "$DOMAIN_NAME"
OPENSTACK_KEYSTONE_DEFAULT_ROLE = "member"
OPENSTACK_ENDPOINT_TYPE = "internalURL"
OPENSTACK_SSL_CACERT = "$TLS_FILES/ca.crt"

SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_FILE_PATH = "$HORIZON_SESSIONS"
SESSION_TIMEOUT = 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = $secure
CSRF_COOKIE_SECURE = $secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_PROXY_ADDR_HEADER = "HTTP_X_FORWARDED_FOR"
DISALLOW_IFRAME_EMBED = True
ENFORCE_PASSWORD_CHECK = True
HORIZON_CONFIG["password_autocomplete"] = "off"
HORIZON_CONFIG["disable_password_reveal"] = True
HORIZON_CONFIG["password_validator"] = {
    "regex": ".{12}",
    "help_text": "a password has at least 12 characters",
}

# An image would pass through this node twice: Glance's API takes it.
HORIZON_IMAGES_UPLOAD_MODE = "off"
CONSOLE_TYPE = "VNC"
# There is no Cinder.
LAUNCH_INSTANCE_DEFAULTS = {
    "create_volume": False,
    "hide_create_volume": True,
    "disable_volume": True,
    "disable_volume_snapshot": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"journal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["journal"], "level": "WARNING"},
    "loggers": {"openstack_auth": {"level": "INFO"}},
}
EOF
}

# Horizon's pages have scripts of their own in them, and its templates are compiled in the browser. Frames are
# the servers' consoles.
content_policy() {
  printf '%s; ' "default-src 'self'" "script-src 'self' 'unsafe-inline' 'unsafe-eval'" \
    "style-src 'self' 'unsafe-inline'" "img-src 'self' data:" "font-src 'self' data:" \
    "frame-src $(scheme)://${PUBLIC_NAME:-$HOST_IP}:6080" "object-src 'none'" "base-uri 'self'" "form-action 'self'"
  echo "frame-ancestors 'none'"
}

horizon_server() {
  cat <<EOF
; Of iaas-install-dashboard.sh.
[uwsgi]
http-socket = 127.0.0.1:$(dashboard_port)
wsgi-file = /usr/share/openstack-dashboard/wsgi.py
static-map = /static=/var/lib/openstack-dashboard/static
static-expires-uri = ^/static/ 3600
master = true
processes = $(size dashboard)
threads = 8
thunder-lock = true
buffer-size = 16384
limit-post = 1048576
die-on-term = true
worker-reload-mercy = 3
disable-logging = true
log-5xx = true
; Logins that have ended are not deleted by themselves.
cron = -15 -1 -1 -1 -1 find $HORIZON_SESSIONS -type f -mmin +70 -delete
add-header = Connection: close
add-header = Content-Security-Policy: $(content_policy)
add-header = Referrer-Policy: same-origin
add-header = X-Content-Type-Options: nosniff
EOF
}

horizon_unit() {
  cat <<EOF
# Of iaas-install-dashboard.sh.
[Unit]
Description=The dashboard of the cloud, Horizon
After=network.target

[Service]
User=horizon
Group=horizon
RuntimeDirectory=${HORIZON_SESSIONS##*/}
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
ExecStart=/usr/bin/uwsgi_python3 --ini $HORIZON_FILES/iaas-uwsgi.ini
Restart=on-failure
$(sandbox)
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
ProtectHome=yes
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX

[Install]
WantedBy=multi-user.target
EOF
}

configure_dashboard() {
  own_folder $HORIZON_FILES horizon
  horizon_settings | put $HORIZON_FILES/local_settings.py root:horizon 0640
  horizon_server | put $HORIZON_FILES/iaas-uwsgi.ini root:horizon 0640
  horizon_unit | put $HORIZON_UNIT root:root 0644
  comparing || systemctl daemon-reload
  outdated iaas-dashboard.service $HORIZON_UNIT $HORIZON_FILES/local_settings.py $HORIZON_FILES/iaas-uwsgi.ini \
    "$TLS_FILES/ca.crt"
}

dashboard_answers() {
  python3 /usr/local/lib/iaas/dashboard.py "$(scheme)://$HOST_IP" "$TLS_FILES/ca.crt" "$@"
}
