# Caddy without what it has no use for here: root, and the file capability to bind ports below 1024, which a container
# without capabilities may not even start.
FROM caddy:2.11.4
RUN cp /usr/bin/caddy /usr/bin/caddy.plain \
 && mv /usr/bin/caddy.plain /usr/bin/caddy \
 && mkdir -p /state \
 && chown 10003:10003 /state
ENV XDG_DATA_HOME=/state XDG_CONFIG_HOME=/tmp
USER 10003:10003
VOLUME /state
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile"]
