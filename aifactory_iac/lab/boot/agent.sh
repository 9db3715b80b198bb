#!/bin/busybox sh
# The installer: looks at the machine it runs on, writes its mark to the disk, reports, powers off.
# AGENT_REPORT stands on the kernel's command line.
busybox=/bin/busybox
$busybox mkdir -p /proc /sys /dev /tmp
$busybox mount -t proc none /proc
$busybox mount -t sysfs none /sys
$busybox mount -t devtmpfs none /dev
for module in $($busybox cat /modules/order); do
    $busybox insmod "/modules/$module" || echo "agent: cannot load $module"
done

report=
for word in $($busybox cat /proc/cmdline); do
    case $word in agent.report=*) report=${word#agent.report=} ;; esac
done

tries=0
while [ ! -e /sys/class/net/eth0 ] && [ $tries -lt 50 ]; do
    $busybox sleep 0.1
    tries=$((tries + 1))
done
$busybox ip link set lo up
$busybox ip link set eth0 up
$busybox ip address add 10.0.2.15/24 dev eth0
$busybox ip route add default via 10.0.2.2

read -r serial </sys/class/dmi/id/product_serial
read -r uuid </sys/class/dmi/id/product_uuid
read -r mac </sys/class/net/eth0/address
cpus=$($busybox grep -c '^processor' /proc/cpuinfo)
memory=$($busybox awk '/^MemTotal/ {print $2}' /proc/meminfo)

disk=none
if [ -b /dev/vda ]; then
    # What makes this an installer: from here on, what was on the disk is gone.
    printf 'aifactory lab: installed on %s\n' "$serial" | $busybox dd of=/dev/vda conv=notrunc 2>/dev/null
    $busybox sync
    disk=written
fi

body="{\"serial\":\"$serial\",\"uuid\":\"$uuid\",\"macs\":[\"$mac\"],\"cpus\":$cpus,"
body="$body\"memoryKib\":$memory,\"disk\":\"$disk\",\"status\":\"installed\"}"
echo "agent: reports $body to $report"
tries=0
until $busybox timeout 10 $busybox wget -q -O /tmp/answer --header 'Content-Type: application/json' \
    --post-data "$body" "$report"; do
    tries=$((tries + 1))
    [ $tries -ge 20 ] && break
    $busybox sleep 0.5
done
echo "agent: done after $tries tries more"
$busybox poweroff -f
