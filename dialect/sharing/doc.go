// Package sharing shows the links of one dialect in the others.
//
// It stands beside the program, for worlds whose links are shared: every dialect
// shows all links of its kind there. Each link has an id in each dialect's format,
// made of the link itself, so that it is the same wherever it is asked for; a
// table of aliases leads back. It promises that the same link has the same id in
// every run, and changes no record. Writing the aliases is left to the ledger, and
// nothing of this is done in a world whose dialects keep to their own. Start with
// Shows and Aliases.
package sharing
