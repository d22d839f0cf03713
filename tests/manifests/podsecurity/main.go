// pod-security asks the official Pod Security evaluator about pods.
//
// It reads one JSON object a line, {"level": "restricted", "version": "v1.28", "pod": {…}}, and answers each with one
// line, a JSON list of what the level forbids: [] for a pod that it admits.
// Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type question struct {
	Level   string     `json:"level"`
	Version string     `json:"version"`
	Pod     corev1.Pod `json:"pod"`
}

func main() {
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pod-security:", err)
		os.Exit(1)
	}
}

func answer(in io.Reader, out io.Writer) error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	decoder.DisallowUnknownFields()
	for {
		var asked question
		if err := decoder.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		level, err := api.ParseLevel(asked.Level)
		if err != nil {
			return err
		}
		version, err := api.ParseVersion(asked.Version)
		if err != nil {
			return err
		}
		forbidden := []string{}
		for _, check := range evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, &asked.Pod.ObjectMeta, &asked.Pod.Spec) {
			if !check.Allowed {
				forbidden = append(forbidden, check.ForbiddenReason+": "+check.ForbiddenDetail)
			}
		}
		if err := encoder.Encode(forbidden); err != nil {
			return err
		}
	}
}
