// Package console is the page at / on which a person sees what polylink does,
// and makes it do more.
//
// It stands beside the control API, whose typed operations it calls: a page is
// made of what they return, and a form is the input of one of them, so that a
// page shows no more than the API and refuses in its words. Pages are rendered
// here, work without a script, and escape whatever a client has sent; the
// script adds rows as requests come, and copies texts. They are held to the
// rules of the API: Host, Origin and token. Who is no browser is answered at /
// with a list of the dialects as JSON, also where there are no pages. Start
// with Handler.ServeHTTP, then the table in actions.go.
package console
