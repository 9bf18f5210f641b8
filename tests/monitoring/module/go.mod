module batchyard.io/tests/monitoring

go 1.26.8

require github.com/prometheus/prometheus v0.309.1
