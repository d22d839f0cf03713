{{- define "selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .environment }}
{{- end }}

{{- define "labels" -}}
{{ include "selector" . }}
app.kubernetes.io/managed-by: pulumi
app.kubernetes.io/part-of: ack-platform
env: {{ .environment }}
{{- end }}
