/// The rows of one running statement, each as COPY's binary format has it: int16 field count, then each field as int32 byte count (-1 for
/// NULL) and bytes.
///
/// A stream has one reader at a time. Letting go of it before its end cancels the statement.
package protocol RowStream: AnyObject, Sendable {
    /// Hands the rows that have arrived to `take`, one after the other, and waits for more until `take` says that it has enough.
    ///
    /// It also comes back early, with what there is, when the server keeps it waiting.
    /// - Parameter take: gets a row's bytes, lent for the call; false means that this row was the last for now.
    /// - Returns: false when that was the last batch.
    /// - Throws: ``PostgresError`` when the statement failed, `CancellationError` when the task was cancelled or the stream interrupted.
    func nextBatch(_ take: (UnsafeRawBufferPointer) throws -> Bool) async throws -> Bool

    /// How many bytes the reader does best to take at a time, before it makes something of them.
    var batchBytes: Int { get }

    /// Ends the stream from outside its reader, who is told by `CancellationError`, also while it waits.
    func interrupt()
}
