// Package filestore keeps sandboxes in one file, so that they outlive the
// process.
//
// It stands behind store.Keeper and store.Engine. Rows are read from memory, by
// the engine of package mockstore; the file is their shadow. A batch is taken in
// memory, queued, and answered once the file has it: one writer puts whatever
// waits into one transaction, so that many clients share its sync. The file is
// bbolt's, locked against a second process, with a checksum in every value; all
// of it is looked through before it is opened, and one that is torn, foreign or
// newer is refused and left as it is. What a row or a part means is left to the
// callers. Start with Open, then DB.Commit in engine.go, then File.flush in
// flushes.go; rows.go and pages.go have the format.
package filestore
