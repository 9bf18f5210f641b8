{{- define "batchyard.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Cluster-wide objects of two releases must not clash. */}}
{{- define "batchyard.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "batchyard.fullname" .) -}}
{{- end -}}

{{- define "batchyard.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The second is the same whatever the release is called: by it the command line finds the installation. */}}
{{- define "batchyard.labels" -}}
{{ include "batchyard.selector" . }}
batchyard.io/part-of: installation
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "batchyard.serviceAccount" -}}
{{- $own := ternary (include "batchyard.fullname" .) "default" .Values.serviceAccount.create -}}
{{- default $own .Values.serviceAccount.name -}}
{{- end -}}

{{- define "batchyard.image" -}}
{{- with .Values.image -}}
{{- $name := .repository -}}
{{- with default $.Values.global.imageRegistry .registry -}}
{{- $name = printf "%s/%s" . (regexReplaceAll "^(localhost|[^/]*[.:][^/]*)/" $name "") -}}
{{- end -}}
{{- if .digest -}}
{{ $name }}@{{ .digest }}
{{- else -}}
{{ $name }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Alerts on metrics that nobody serves would fire for ever. Called with (list $ "VALUE"). */}}
{{- define "batchyard.needsMetrics" -}}
{{- if not (index . 0).Values.metrics.enabled -}}
{{- fail (printf "%s.enabled needs metrics.enabled: true" (index . 1)) -}}
{{- end -}}
{{- end -}}
