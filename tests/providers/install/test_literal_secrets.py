"""Secrets that are written out are found; what only talks of them is not."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.install.literal_secrets import secret_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("AGE-SECRET-KEY-1QQQ", "a private key"),
        ("usermod -p '$6$abcdefgh$ijklmnop' ops", "a password hash"),
        ("usermod -p $y$j9T$abcdefghijk ops", "a password hash"),
        ("echo ops:x | chpasswd", "a password"),
        ("passwd --stdin ops", "a password"),
        ("export API_KEY=abcdef0123", "a password"),
        ("token: abcdef0123", "a password"),
        ("rke2 agent --token K10abcdef", "a password"),
        ("curl https://me:hunter2@example.org", "a URL with a password"),
        ("curl -H 'Authorization: Bearer abc'", "an authorization header"),
        ("AKIAIOSFODNN7EXAMPLE", "an access key"),
        ("ghp_" + "a" * 36, "an access token"),
        ("hvs." + "a" * 30, "an access token"),
    ],
)
def test_what_is_a_secret(text, kind):
    assert secret_in(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "systemctl restart sshd",
        "PasswordAuthentication no",
        "rke2 agent --token-file /etc/rancher/token",
        "join --token $TOKEN",
        "token=$(cat /run/token)",
        "password=${PASSWORD}",
        "curl https://example.org:8443/path@2x",
        "echo $HOME",
        "grep -c pass /var/log/syslog",
    ],
)
def test_what_is_none(text):
    assert secret_in(text) is None
