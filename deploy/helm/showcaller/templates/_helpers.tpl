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
{{- with .Values.temporal.apiKey }}
{{- if .existingSecret }}
- name: TEMPORAL_API_KEY
  valueFrom:
    secretKeyRef: { name: {{ .existingSecret | quote }}, key: {{ .key | quote }} }
{{- end }}
{{- end }}
{{- with .Values.temporal.tls }}
{{- if .enabled }}
- name: TEMPORAL_TLS
  value: "true"
{{- end }}
{{- if .clientSecret }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/showcaller/temporal-client/tls.crt
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/showcaller/temporal-client/tls.key
{{- end }}
{{- if .caSecret }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/showcaller/temporal-ca/ca.crt
{{- end }}
{{- with .serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- if .Values.codecKeys.existingSecret }}
- name: SHOWCALLER_CODEC_KEYS_FILE
  value: /etc/showcaller/codec/keys
{{- end }}
{{- if .Values.codecKeys.required }}
- name: SHOWCALLER_CODEC_REQUIRED
  value: "true"
{{- end }}
{{- end -}}

{{- /* How our processes reach other machines. */ -}}
{{- define "showcaller.networkEnv" -}}
{{- $network := .Values.network }}
{{- range $name, $value := dict "HTTPS_PROXY" $network.proxy "HTTP_PROXY" $network.proxy "NO_PROXY" (join "," $network.noProxy) "SHOWCALLER_PRIVATE_NETWORKS" (join "," $network.privateNetworks) }}
{{- with $value }}
- name: {{ $name }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- if $network.proxyResolves }}
- name: SHOWCALLER_PROXY_RESOLVES
  value: "true"
{{- end }}
{{- if or $network.ca.configMap $network.ca.secret }}
- name: SHOWCALLER_CA_FILE
  value: /etc/showcaller/ca/ca.crt
{{- end }}
{{- end -}}

{{- /* The sections of the configuration file; `accounts` only for what has their secrets too. */ -}}
{{- define "showcaller.config" -}}
{{- $config := omit .root.Values.config "accounts" -}}
{{- if .accounts -}}
{{- with .root.Values.accounts.config -}}
{{- $config = set $config "accounts" . -}}
{{- end -}}
{{- end -}}
{{- with $config -}}{{ toPrettyJson . }}{{- end -}}
{{- end -}}

{{- define "showcaller.configEnv" -}}
{{- if include "showcaller.config" . }}
- name: SHOWCALLER_CONFIG
  value: /etc/showcaller/config/{{ .accounts | ternary "config" "without-accounts" }}.json
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
{{- with .root.Values.network.existingSecret -}}
{{- $from = append $from (dict "secretRef" (dict "name" .)) -}}
{{- end -}}
{{- with and .webhooks .root.Values.webhooks.existingSecret -}}
{{- $from = append $from (dict "secretRef" (dict "name" .)) -}}
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
{{- with .root.Values.temporal.tls }}
{{- if .clientSecret }}
- name: temporal-client
  mountPath: /etc/showcaller/temporal-client
  readOnly: true
{{- end }}
{{- if .caSecret }}
- name: temporal-ca
  mountPath: /etc/showcaller/temporal-ca
  readOnly: true
{{- end }}
{{- end }}
{{- if .calls }}
{{- if or .root.Values.network.ca.configMap .root.Values.network.ca.secret }}
- name: ca
  mountPath: /etc/showcaller/ca
  readOnly: true
{{- end }}
{{- if include "showcaller.config" . }}
- name: config
  mountPath: /etc/showcaller/config
  readOnly: true
{{- end }}
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
{{- with .root.Values.temporal.tls }}
{{- if .clientSecret }}
- name: temporal-client
  secret:
    secretName: {{ .clientSecret }}
    defaultMode: 0440
{{- end }}
{{- if .caSecret }}
- name: temporal-ca
  secret:
    secretName: {{ .caSecret }}
    defaultMode: 0440
    items: [{ key: {{ .caKey | quote }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- if .calls }}
{{- with .root.Values.network.ca }}
{{- if .configMap }}
- name: ca
  configMap:
    name: {{ .configMap }}
    items: [{ key: {{ .key | quote }}, path: ca.crt }]
{{- else if .secret }}
- name: ca
  secret:
    secretName: {{ .secret }}
    defaultMode: 0440
    items: [{ key: {{ .key | quote }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- if include "showcaller.config" . }}
- name: config
  configMap:
    name: {{ include "showcaller.fullname" .root }}-config
    items: [{ key: {{ .accounts | ternary "config" "without-accounts" }}.json, path: {{ .accounts | ternary "config" "without-accounts" }}.json }]
{{- end }}
{{- end }}
{{- end -}}

{{- define "showcaller.configChecksum" -}}
{{- with include "showcaller.config" . }}
checksum/config: {{ . | sha256sum }}
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
{{- if and .Values.config.webhooks (not .Values.webhooks.existingSecret) (not .Values.extraEnvFrom) (not .Values.extraEnv) -}}
{{- fail "config.webhooks: each subscriber needs its secret or address; name a Secret of those variables in webhooks.existingSecret" -}}
{{- end -}}
{{- if .Values.config.accounts -}}
{{- fail "config.accounts: accounts are in accounts.config" -}}
{{- end -}}
{{- if and .Values.network.ca.configMap .Values.network.ca.secret -}}
{{- fail "network.ca: the certificates are in a ConfigMap or in a Secret, not in both" -}}
{{- end -}}
{{- if and .Values.network.proxy .Values.network.existingSecret -}}
{{- fail "network.proxy is set beside network.existingSecret, which holds HTTPS_PROXY: set one of them" -}}
{{- end -}}
{{- if and .Values.codecKeys.required (not .Values.codecKeys.existingSecret) -}}
{{- fail "codecKeys.required: there is nothing to encrypt with; name a Secret in codecKeys.existingSecret" -}}
{{- end -}}
{{- if and .Values.worker.deployment.buildId (not .Values.worker.deployment.name) -}}
{{- fail "worker.deployment.buildId is set without worker.deployment.name: set both, or neither" -}}
{{- end -}}
{{- end -}}
