{{- define "showcaller.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "showcaller.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "showcaller.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "showcaller.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "showcaller.selector" -}}
app.kubernetes.io/name: {{ include "showcaller.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "showcaller.labels" -}}
{{ include "showcaller.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "showcaller.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "showcaller.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "showcaller.image" -}}
image: {{ printf "%s:%s%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) (empty .Values.image.digest | ternary "" (print "@" .Values.image.digest)) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end -}}

{{- /* What every pod of ours has in common. */ -}}
{{- define "showcaller.pod" -}}
serviceAccountName: {{ include "showcaller.serviceAccountName" . }}
automountServiceAccountToken: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "showcaller.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{- define "showcaller.spread" -}}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ include "showcaller.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}

{{- define "showcaller.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Entries of `env` that all of our processes read. */ -}}
{{- define "showcaller.env" -}}
- name: TEMPORAL_ADDRESS
  value: {{ .Values.temporal.address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- if .Values.codecKeys.existingSecret }}
- name: SHOWCALLER_CODEC_KEYS_FILE
  value: /etc/showcaller/codec/keys
{{- end }}
{{- end -}}

{{- define "showcaller.accountsEnv" -}}
{{- if .Values.accounts.config }}
- name: SHOWCALLER_CONFIG
  value: /etc/showcaller/accounts/accounts.json
{{- end }}
{{- end -}}

{{- define "showcaller.extraEnv" -}}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Entries of `envFrom`; with `accounts`, those of the vendors too. */ -}}
{{- define "showcaller.envFrom" -}}
{{- $from := list -}}
{{- with .root.Values.temporal.existingSecret -}}
{{- $from = append $from (dict "secretRef" (dict "name" .)) -}}
{{- end -}}
{{- if and .accounts .root.Values.accounts.existingSecret -}}
{{- $from = append $from (dict "secretRef" (dict "name" .root.Values.accounts.existingSecret)) -}}
{{- end -}}
{{- $from = concat $from .root.Values.extraEnvFrom -}}
{{- with $from }}
envFrom: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "showcaller.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .root.Values.codecKeys.existingSecret }}
- name: codec-keys
  mountPath: /etc/showcaller/codec
  readOnly: true
{{- end }}
{{- if and .accounts .root.Values.accounts.config }}
- name: accounts
  mountPath: /etc/showcaller/accounts
  readOnly: true
{{- end }}
{{- end -}}

{{- define "showcaller.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if .root.Values.codecKeys.existingSecret }}
- name: codec-keys
  secret:
    secretName: {{ .root.Values.codecKeys.existingSecret }}
    defaultMode: 0440
    items: [{ key: {{ .root.Values.codecKeys.key | quote }}, path: keys }]
{{- end }}
{{- if and .accounts .root.Values.accounts.config }}
- name: accounts
  configMap:
    name: {{ include "showcaller.fullname" .root }}-accounts
{{- end }}
{{- end -}}

{{- define "showcaller.accountsChecksum" -}}
{{- if .Values.accounts.config }}
checksum/accounts: {{ .Values.accounts.config | toJson | sha256sum }}
{{- end }}
{{- end -}}

{{- define "showcaller.ingress" -}}
{{- $name := printf "%s-%s" (include "showcaller.fullname" .root) .component -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  labels: {{ include "showcaller.labels" . | nindent 4 }}
  {{- with .ingress.annotations }}
  annotations: {{ toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .ingress.tlsSecret }}
  tls:
    - hosts: [{{ $.ingress.host | quote }}]
      secretName: {{ . }}
  {{- end }}
  rules:
    - host: {{ .ingress.host | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ $name }}
                port: { name: http }
{{- end -}}

{{- /* What the schema cannot say: values that contradict each other. */ -}}
{{- define "showcaller.refuse" -}}
{{- if and .Values.simulators.enabled .Values.worker.enabled (ne (int .Values.worker.replicas) 1) -}}
{{- fail "simulators.enabled: each worker would have simulators of its own; set worker.replicas to 1" -}}
{{- end -}}
{{- if and .Values.simulators.enabled .Values.accounts.existingSecret -}}
{{- fail "simulators.enabled: the accounts are those of the simulators; set accounts.existingSecret to \"\"" -}}
{{- end -}}
{{- if and .Values.codecServer.enabled (not .Values.codecKeys.existingSecret) -}}
{{- fail "codecServer.enabled: it has nothing to decode with; name a Secret in codecKeys.existingSecret" -}}
{{- end -}}
{{- if and .Values.api.enabled (not .Values.api.tokens.existingSecret) (not .Values.api.oidc.issuer) -}}
{{- fail "api.enabled: no tokens configured; name a Secret in api.tokens.existingSecret, or an issuer in api.oidc.issuer" -}}
{{- end -}}
{{- if and .Values.worker.deployment.buildId (not .Values.worker.deployment.name) -}}
{{- fail "worker.deployment.buildId is set without worker.deployment.name: set both, or neither" -}}
{{- end -}}
{{- end -}}
