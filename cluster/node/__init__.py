"""A real Kubernetes node on this machine: kubelet, containerd, runc, pod network, kube-proxy, DNS; Linux, as root."""
