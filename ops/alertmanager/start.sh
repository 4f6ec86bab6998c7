#!/bin/sh
# Starts Alertmanager, which reads no variables itself, with whom the environment says in its configuration:
#
#   ALERT_SNS_TOPIC_ARN  an SNS topic; the machine's role may publish to it
#   ALERT_WEBHOOK_URL    a URL that takes Alertmanager's JSON
#
# Both, one or none. It writes to $TMPDIR (/tmp) only. Arguments go to Alertmanager. The entrypoint of the container:
# ["/bin/sh", "/etc/alertmanager/start.sh"], command ["--storage.path=/alertmanager"].
set -eu

folder=$(dirname "$0")
config=${TMPDIR:-/tmp}/alertmanager.yml
umask 077 # a webhook's URL is often a secret

case "${ALERT_SNS_TOPIC_ARN:-}${ALERT_WEBHOOK_URL:-}" in
*[\'\ ]*) echo "ALERT_SNS_TOPIC_ARN and ALERT_WEBHOOK_URL may hold neither ' nor a blank." >&2; exit 1 ;;
esac

{
    cat "$folder/alertmanager.yml"
    if [ -n "${ALERT_SNS_TOPIC_ARN:-}" ]; then
        echo "    sns_configs:"
        echo "      - topic_arn: '$ALERT_SNS_TOPIC_ARN'"
        echo "        sigv4: { region: '$(echo "$ALERT_SNS_TOPIC_ARN" | cut -d: -f4)' }"
    fi
    if [ -n "${ALERT_WEBHOOK_URL:-}" ]; then
        echo "    webhook_configs:"
        echo "      - url: '$ALERT_WEBHOOK_URL'"
    fi
} >"$config"

exec alertmanager --config.file="$config" "$@"
