{{/*
The name of the chart, for labels.
*/}}
{{- define "[= slug =].name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
What all names begin with; short enough for what is put behind it (63 characters in all).
*/}}
{{- define "[= slug =].fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Labels of everything, for a component: list . "web"
*/}}
{{- define "[= slug =].labels" -}}
{{- $root := first . -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "[= slug =].selectorLabels" . }}
{{- if $root.Values.image.tag }}
app.kubernetes.io/version: {{ $root.Values.image.tag | trunc 63 | trimSuffix "-" | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- end }}

{{/*
What selectors look for. A Deployment's cannot change once it is there, so nothing here depends on a release.
*/}}
{{- define "[= slug =].selectorLabels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ include "[= slug =].name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{- define "[= slug =].serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "[= slug =].fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/*
The image: a version that is said, and that does not move.
*/}}
{{- define "[= slug =].image" -}}
{{- $repository := required "image.repository is empty: where is the image pushed to?" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- $tag := required "image.tag is empty: which version is to run? --set-string image.tag=..." .Values.image.tag }}
{{- if eq $tag "latest" }}
{{- fail "image.tag is latest, which is another image tomorrow: name a version" }}
{{- end }}
{{- printf "%s:%s" $repository $tag }}
{{- end }}
{{- end }}

{{/*
The data of the ConfigMap.
*/}}
{{- define "[= slug =].config" -}}
DJANGO_SETTINGS_MODULE: {{ .Values.settingsModule | quote }}
[% if allowed_hosts %]
[= allowed_hosts =]: {{ required "hosts is empty: which names is the site reached by?" (join "," .Values.hosts) | quote }}
[% endif %]
{{- range $name, $value := .Values.config }}
{{ $name }}: {{ required (printf "config.%s is empty" $name) (toString $value) | quote }}
{{- end }}
{{- end }}

{{/*
The Secret that pods read.
*/}}
{{- define "[= slug =].secretName" -}}
{{- if .Values.externalSecrets.enabled }}
{{- include "[= slug =].fullname" . }}-secrets
{{- else }}
{{- required "secrets.existing is empty: without externalSecrets, which Secret has the variables?" .Values.secrets.existing }}
{{- end }}
{{- end }}

{{/*
Hooks that run before each release, by their weight. Without migrations nothing has to be there early.
*/}}
{{- define "[= slug =].hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/*
What all pods have in common: dict "root" . "component" "web" "values" .Values.web
*/}}
{{- define "[= slug =].pod" -}}
serviceAccountName: {{ include "[= slug =].serviceAccountName" .root }}
automountServiceAccountToken: {{ .root.Values.serviceAccount.automount }}
# A Service named redis would set REDIS_PORT=tcp://..., which settings take for theirs.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/*
Pods of one component on different nodes and zones, as far as there are any.
*/}}
{{- define "[= slug =].spread" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "[= slug =].selectorLabels" (list $.root $.component) | nindent 8 }}
    matchLabelKeys:
      - pod-template-hash
  {{- end }}
{{- end }}

{{/*
What all containers have in common. The Job before a release reads copies of the ConfigMap and the Secret: those of
the release are not there yet, or are still the old ones.
*/}}
{{- define "[= slug =].container" -}}
{{- $config := printf "%s-config" (include "[= slug =].fullname" .root) }}
{{- $secret := include "[= slug =].secretName" .root }}
{{- if eq .component "migrate" }}
{{- $config = printf "%s-migrate" (include "[= slug =].fullname" .root) }}
{{- if .root.Values.externalSecrets.enabled }}
{{- $secret = $config }}
{{- end }}
{{- end -}}
image: {{ include "[= slug =].image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.securityContext | nindent 2 }}
# Not command, which would replace ENTRYPOINT.
args: {{ toJson .values.args }}
envFrom:
  - configMapRef:
      name: {{ $config }}
  - secretRef:
      name: {{ $secret }}
env:
  # The home of that user is not there.
  - name: HOME
    value: /tmp
  {{- range .root.Values.secrets.keys }}
  - name: {{ . }}
    valueFrom:
      secretKeyRef:
        name: {{ $secret }}
        key: {{ . }}
  {{- end }}
  {{- range $name, $value := .values.env }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
resources:
  {{- toYaml .values.resources | nindent 2 }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- range $index, $path := .values.writable }}
  - name: writable-{{ $index }}
    mountPath: {{ $path }}
  {{- end }}
  {{- with .root.Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "[= slug =].volumes" -}}
volumes:
  - name: tmp
    emptyDir: {}
  {{- range $index, $path := .values.writable }}
  - name: writable-{{ $index }}
    emptyDir: {}
  {{- end }}
  {{- with .root.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/*
A pod's template: its labels, and the checksum that makes a new one out of a new configuration.
*/}}
{{- define "[= slug =].podMetadata" -}}
annotations:
  checksum/config: {{ include "[= slug =].config" .root | sha256sum }}
  {{- with .values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
labels:
  {{- include "[= slug =].labels" (list .root .component) | nindent 2 }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
