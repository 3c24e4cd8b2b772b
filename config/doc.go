// Package config declares, loads and checks config.yaml.
//
// It stands before everything else: cmd loads one Config at start or reload
// and hands its parts on. It promises that every mistake is reported at once,
// each with its line or its key and with what to write instead, and that no
// text it makes shows a Secret. It opens no folder, knows no dialect's name
// and judges no override: those go to the mapping compiler with their
// positions. Flags are cmd's, which calls Set and then Validate. Start with
// Config, then settings.go, which has one line for each key.
package config
