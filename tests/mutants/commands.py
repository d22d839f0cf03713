"""What commands do to a running service, and what they tell of it."""

from tests.mutants.mutant import Mutant

COMMANDS = (
    Mutant("debugging", "taken away", "debugger/arthas.sh", "        if stop; then", "        if true; then"),
    Mutant("debugging", "its files", "debugger/arthas.sh", "            clear_files\n", "            :\n"),
    Mutant(
        "debugging",
        "of one at a time",
        "debugger/arthas.sh",
        'if [ -n "$owner" ] && kill -0 "$owner" 2>/dev/null; then',
        "if false; then",
    ),
    Mutant(
        "debugging",
        "what was there before",
        "debugger/arthas.sh",
        '[ -e "$root$user_home/$each" ] || own="$own $each"',
        'own="$own $each"',
    ),
    Mutant("debugging", "of a JVM without signals", "debugger/attach.sh", "*[4567cdef]) ;;", "*) ;;"),
    Mutant("debugging", "room for a dump", "debugger/heapdump.sh", '[ "$free" -ge "$resident" ]', "true"),
    Mutant("reachability", "by name", "reach/steps.py", "if not found.addresses:", "if False:"),
    Mutant(
        "reachability",
        "with a certificate",
        "reach/steps.py",
        "if not found.secured or found.code in _CERTIFICATE:",
        "if not found.secured:",
    ),
    Mutant(
        "reachability",
        "by a policy's port",
        "reach/policies.py",
        "_ports(rule, port) and _peers",
        "_peers",
    ),
    Mutant("reachability", "without a login", "reach/destination.py", 'if "@" in parts.netloc:', "if False:"),
    Mutant(
        "capture",
        "of one pod alone",
        "capture/run.py",
        'return f" and ({filter_})" if filter_.strip() else ""',
        'return f" and {filter_}" if filter_.strip() else ""',
    ),
    Mutant(
        "capture",
        "in whole packets",
        "capture/pcap.py",
        "            if len(self._rest) < end + _PACKET_HEADER + length:\n                break\n",
        "",
    ),
    Mutant(
        "moving tag", "a login without TLS", "registry/registry.py", 'if parts.scheme != "https" and', "if False and"
    ),
    Mutant(
        "moving tag",
        "the pull Secret's host",
        "registry/moving.py",
        "login = pull if host == settings.registry.server else None",
        "login = pull",
    ),
    Mutant(
        "moving tag",
        "the reason",
        "registry/moving.py",
        'return digest, "" if digest else f"{host} has no {repository}:{tag}"',
        'return digest, ""',
    ),
)
