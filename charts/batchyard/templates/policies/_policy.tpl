{{/* Metadata of a policy; its binding is next to it and denies. Called with (dict "root" $ "name" "..."). */}}
{{- define "batchyard.policyName" -}}
{{- printf "%s-%s-%s" .root.Release.Namespace (include "batchyard.fullname" .root) .name -}}
{{- end -}}

{{- define "batchyard.policyHead" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ include "batchyard.policyName" . }}
  labels:
    {{- include "batchyard.labels" .root | nindent 4 }}
{{- end -}}

{{- define "batchyard.policyBinding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ include "batchyard.policyName" . }}
  labels:
    {{- include "batchyard.labels" .root | nindent 4 }}
spec:
  policyName: {{ include "batchyard.policyName" . }}
  validationActions: [Deny]
{{- end -}}

{{/*
Who is not judged: operators, of this release or another, and administrators of the whole cluster, whose right to
everything contains this one. Asked for all namespaces, so that no role of a single namespace gives it.
*/}}
{{- define "batchyard.notAnOperator" -}}
name: not-an-operator
expression: "!authorizer.group('batchyard.io').resource('operators').check('act').allowed()"
{{- end -}}

{{/* Pods that the cluster's own controller makes from a DaemonSet; the DaemonSet itself was judged. */}}
{{- define "batchyard.notFromADaemonSet" -}}
name: not-from-a-daemonset
expression: >-
  !(request.userInfo.username in ['system:serviceaccount:kube-system:daemon-set-controller', 'system:kube-controller-manager']
  && request.operation == 'CREATE' && object.kind == 'Pod'
  && object.metadata.?ownerReferences.orValue([]).exists(o, o.kind == 'DaemonSet' && o.?controller.orValue(false)))
{{- end -}}

{{/* The garbage collector takes references to owners that are gone off. */}}
{{- define "batchyard.notTheCollector" -}}
name: not-the-garbage-collector
expression: >-
  !(request.operation == 'UPDATE' && request.userInfo.username in
  ['system:serviceaccount:kube-system:generic-garbage-collector', 'system:kube-controller-manager'])
{{- end -}}

{{/* Most Pods of a cluster have nothing to do with us and are let through here, before anybody's rights are asked for. */}}
{{- define "batchyard.marked" -}}
name: carries-or-carried-our-marks
expression: >-
  [object, oldObject].exists(o, o != null && (
  o.metadata.?labels.orValue({}).exists(k, k.startsWith('batchyard.io/') || (k == 'app.kubernetes.io/managed-by' && o.metadata.labels[k] == 'batchyard'))
  || o.?spec.?template.?metadata.?labels.orValue({}).exists(k, k.startsWith('batchyard.io/') || (k == 'app.kubernetes.io/managed-by' && o.spec.template.metadata.labels[k] == 'batchyard'))
  || o.metadata.?finalizers.orValue([]).exists(f, f.startsWith('batchyard.io/'))
  || o.metadata.?ownerReferences.orValue([]).exists(r, r.apiVersion.startsWith('batchyard.io/'))))
{{- end -}}
