package doctest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Curl makes the request that a curl command line sends.
func Curl(line string) (*http.Request, error) {
	words, err := split(strings.TrimSpace(line))
	if err != nil {
		return nil, err
	}
	if len(words) == 0 || words[0] != "curl" {
		return nil, fmt.Errorf("%q is no curl command", line)
	}
	method, at, body := "", "", ""
	header := http.Header{}
	for i := 1; i < len(words); i++ {
		flag := words[i]
		if flag == "-i" || flag == "-s" {
			continue
		}
		if !strings.HasPrefix(flag, "-") {
			at = flag
			continue
		}
		if i++; i == len(words) {
			return nil, fmt.Errorf("%s has no value", flag)
		}
		switch value := words[i]; flag {
		case "-X":
			method = value
		case "-H":
			name, v, ok := strings.Cut(value, ":")
			if !ok {
				return nil, fmt.Errorf("%q is no header", value)
			}
			header.Add(name, strings.TrimSpace(v))
		case "-u":
			header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(value)))
		case "-d":
			body = value
		default:
			return nil, fmt.Errorf("unknown flag %s", flag)
		}
	}
	if method == "" {
		if method = http.MethodGet; body != "" {
			method = http.MethodPost
		}
	}
	r, err := http.NewRequest(method, at, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header
	if body != "" && header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if host := header.Get("Host"); host != "" {
		r.Host = host
		header.Del("Host")
	}
	return r, nil
}

// split takes a command line apart as a shell does: blanks, quotes, and
// backslashes outside of single quotes.
func split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, quote := false, byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '\'':
			word.WriteByte(c)
		case c == '\\' && i+1 < len(line):
			i++
			if line[i] != '\n' {
				word.WriteByte(line[i])
				inWord = true
			}
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == ' ' || c == '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		case strings.IndexByte("$`|;&<>*?(){}", c) >= 0:
			return nil, fmt.Errorf("%q means something to a shell; quote it", c)
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote has no end")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
