"""Many replicas: on threads, in shards that survive a kill, on a cluster."""
