package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// request is one request of a load.
type request struct{ method, path, mime, body, auth string }

// What is asked, by name.
var loadTitles = map[string]string{
	"W1": "read one link", "W2": "update one link", "W3": "80 % reads, 20 % updates of 10,000 links", "W6": "an update that is refused",
	"W7": "create a link", "W8": "a list of 100", "W9": "create a link by a form",
}

const (
	linkPath   = "/v1/payment-links"
	knownLink  = "00000000-0000-0000-0000-000000000000"
	jsonType   = "application/json"
	formType   = "application/x-www-form-urlencoded"
	linkAuth   = "Bearer PB_sk_test_main"
	formAuth   = "Bearer sk_test_polylink_main"
	manyLinks  = 10_000
	createBody = `{"line_items":[{"price":"p_A_1","quantity":2}]}`
	formBody   = "line_items[0][price]=price_0PolylinkShirtOneTime00&line_items[0][quantity]=2"
	formPath   = "/stripe/v1/payment_links"
)

// requests are those of a load, nil where the server has none of the kind.
func (t *target) requests(load string) []request {
	path := t.prefix + linkPath
	one := path + "/" + knownLink
	if t.fixed && load != "W1" {
		return nil
	}
	switch load {
	case "W1":
		return []request{{method: "GET", path: one, auth: linkAuth}}
	case "W2":
		return []request{{"PUT", one, jsonType, `{"title":"Updated title","status":"inactive"}`, linkAuth}}
	case "W3":
		var all []request
		for i, id := range t.ids {
			r := request{method: "GET", path: path + "/" + id, auth: linkAuth}
			if i%5 == 0 {
				r.method, r.mime, r.body = "PUT", jsonType, fmt.Sprintf(`{"title":"Link %05d","status":"inactive"}`, i)
			}
			all = append(all, r)
		}
		return all
	case "W6":
		return []request{{"PUT", one, jsonType, `{"title":5}`, linkAuth}}
	case "W7":
		return []request{{"POST", path, jsonType, createBody, linkAuth}}
	}
	if t.prefix == "" { // the hand-written server has neither lists nor forms
		return nil
	}
	switch load {
	case "W8":
		return []request{{method: "GET", path: formPath + "?limit=100", auth: formAuth}}
	case "W9":
		return []request{{"POST", formPath, formType, formBody, formAuth}}
	}
	return nil
}

// fill makes the links that the loads are about.
func (t *target) fill(ctx context.Context) error {
	if t.fixed {
		return nil
	}
	create := t.requests("W7")[0]
	for range manyLinks {
		body, err := t.send(ctx, create)
		if err != nil {
			return err
		}
		var made struct{ ID string }
		if err := json.Unmarshal(body, &made); err != nil || made.ID == "" {
			return fmt.Errorf("a link was made and has no id: %.200s", body)
		}
		t.ids = append(t.ids, made.ID)
	}
	if form := t.requests("W9"); form != nil {
		for range 120 {
			if _, err := t.send(ctx, form[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends one request, which has to succeed.
func (t *target) send(ctx context.Context, r request) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, t.address+r.path, strings.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", r.auth)
	if r.mime != "" {
		req.Header.Set("Content-Type", r.mime)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s is answered %d: %.200s", r.method, r.path, resp.StatusCode, body)
	}
	return body, err
}
