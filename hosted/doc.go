// Package hosted is the page that a link's url opens, on which a person pays,
// fails or cancels.
//
// It stands at the edge, under /__pay/: it turns a Page into HTML and a form
// into an Action, and leaves to its Service what a link is, what an action does
// and where the person goes afterwards. It knows no store and no dialect. Which
// Hosts may reach it is the caller's to say.
//
// It promises pages that work without JavaScript, that name every field and
// button by data-testid, that no text of a link can break out of, and that a
// person is sent to http and https addresses alone; that forms of other sites
// are refused; and that whatever is sent ends in a page and never in a panic.
// Start with Service, then Handler.ServeHTTP and page.html.
package hosted
