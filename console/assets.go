package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed pages
var files embed.FS

// The pages, each with the frame that all of them have.
var (
	homePage    = parse("home.html")
	requestPage = parse("request.html")
	linkPage    = parse("link.html")
	dialectPage = parse("dialect.html")
	notePage    = parse("note.html")
)

func parse(name string) *template.Template {
	return template.Must(template.New("frame.html").Funcs(words).ParseFS(files, "pages/frame.html", "pages/parts.html", "pages/"+name))
}

// mimes are the types of the files that pages name.
var mimes = map[string]string{"console.css": "text/css; charset=utf-8", "console.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"}

// asset answers with a file that pages name.
func asset(w http.ResponseWriter, r *http.Request, name string) {
	data, err := files.ReadFile("pages/" + name)
	if err != nil {
		refuse(w, http.StatusNotFound, "not_found", "Not found", "There is no such file")
		return
	}
	sum := sha256.Sum256(data)
	h := w.Header()
	h.Set("Content-Type", mimes[name])
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// render writes a page, or says that it could not be made.
func (v *visit) render(status int, page *template.Template, data any) {
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		v.h.o.Log.Error("the console failed", "error", err)
		b.Reset()
		status = http.StatusInternalServerError
		b.WriteString("<!doctype html><html lang=\"en\"><title>polylink</title><h1>Something went wrong</h1><p>The log of polylink says what.</p></html>")
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = v.w.Write(b.Bytes())
	}
}

// fragment makes a part of a page, in one line.
func fragment(page *template.Template, part string, data any) ([]byte, error) {
	var b strings.Builder
	if err := page.ExecuteTemplate(&b, part, data); err != nil {
		return nil, err
	}
	return []byte(strings.ReplaceAll(b.String(), "\n", " ")), nil
}
