package import NIOCore

/// Encodes one body, part by part. One caller at a time.
package protocol ContentEncoder: AnyObject {
    /// Takes the next part and gives what is ready.
    ///
    /// - Parameter flush: whether everything taken so far must come out, so that a reader can go on with it.
    func encode(_ part: ByteBuffer, flush: Bool) -> ByteBuffer
    /// The end. Without it no reader takes what came before for the whole.
    func finish() -> ByteBuffer
    /// Whether to pass bytes on as they are, where the coding can do so in the middle of a stream.
    var isStoring: Bool { get set }
}
