package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariablesThatNobodyHasAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ  []string
		mistakes []string
		others   []string
	}{
		"settings":       {[]string{"POLYLINK_ADDR=x", "POLYLINK_LIMITS_BODY=1", "POLYLINK_LISTEN=a=b=c", "PATH=/bin"}, nil, nil},
		"empty ones":     {[]string{"POLYLINK_LINK=", "POLYLINK_ADR"}, nil, nil},
		"for others":     {[]string{"POLYLINK_BIN=/bin/polylink", "POLYLINK_GOLDEN=write"}, nil, nil},
		"another prefix": {[]string{"POLYLINKS_ADDR=x", "MY_POLYLINK_ADR=x", "polylink_addr=x"}, nil, nil},
		"misspelt": {[]string{"POLYLINK_LINK=shared", "POLYLINK_ADR=x", "POLYLINK_LIMIT_RATE=off", "POLYLINK_ADMIN_TOKN=hunter2"}, []string{
			"POLYLINK_ADMIN_TOKN: there is no such setting, did you mean POLYLINK_ADMIN_TOKEN",
			"POLYLINK_ADR: there is no such setting, did you mean POLYLINK_ADDR",
			"POLYLINK_LIMIT_RATE: there is no such setting, did you mean POLYLINK_LIMITS_RATE",
			"POLYLINK_LINK: there is no such setting, did you mean POLYLINK_LINKS",
		}, nil},
		"without its section": {[]string{"POLYLINK_TOKEN=hunter2", "POLYLINK_DRAIN=1s"}, []string{
			"POLYLINK_DRAIN: there is no such setting, did you mean POLYLINK_TIMEOUTS_DRAIN",
			"POLYLINK_TOKEN: there is no such setting, did you mean POLYLINK_ADMIN_TOKEN",
		}, nil},
		"others": {[]string{"POLYLINK_COLOUR=blue", "POLYLINK_IDLE=1s", "POLYLINK_PORT=8080"}, nil,
			[]string{"POLYLINK_COLOUR", "POLYLINK_IDLE", "POLYLINK_PORT"}},
		"of Kubernetes": {[]string{
			"POLYLINK_SERVICE_HOST=10.0.0.1", "POLYLINK_SERVICE_PORT=12121", "POLYLINK_SERVICE_PORT_HTTP=12121", "POLYLINK_PORT=tcp://10.0.0.1:12121",
			"POLYLINK_PORT_12121_TCP=tcp://10.0.0.1:12121", "POLYLINK_PORT_12121_TCP_PROTO=tcp", "POLYLINK_PORT_12121_TCP_PORT=12121", "POLYLINK_PORT_12121_TCP_ADDR=10.0.0.1",
		}, nil, nil},
		"of another service": {[]string{
			"POLYLINK_DEV_SERVICE_HOST=10.0.0.1", "POLYLINK_DEV_SERVICE_PORT=1", "POLYLINK_DEV_PORT=tcp://10.0.0.1:1", "POLYLINK_DEV_PORT_1_UDP_ADDR=10.0.0.1",
		}, nil, nil},
		"that only look so": {[]string{"POLYLINK_STAGE_PORT=1", "POLYLINK_PORT_X_TCP=1"}, nil, []string{"POLYLINK_PORT_X_TCP", "POLYLINK_STAGE_PORT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mistakes, others := Variables(c.environ)
			var got []string
			if len(mistakes) > 0 {
				got = strings.Split(mistakes.Error(), "\n")
			}
			if diff := cmp.Diff(c.mistakes, got); diff != "" {
				t.Errorf("mistakes (-want +got)\n%s", diff)
			}
			if !slices.Equal(c.others, others) {
				t.Errorf("others: %q, want %q", others, c.others)
			}
		})
	}
}
