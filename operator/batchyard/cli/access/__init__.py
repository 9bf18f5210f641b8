"""How the command line reaches a cluster: kubeconfig, login, calls, commands in containers. Knows nothing of jobs."""
