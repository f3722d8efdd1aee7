import CHDF5

/// Owns one identifier of libhdf5 and gives it back at the end of its life.
struct Handle: ~Copyable {
    let id: hid_t

    /// Takes over what a call of libhdf5 returned; a negative identifier is the failure that `failure` words.
    init(_ id: hid_t, orThrow failure: (_ detail: String?) -> HDF5Error) throws(HDF5Error) {
        guard id >= 0 else { throw failure(Library.explanation()) }
        self.id = id
    }

    deinit {
        H5Idec_ref(id)
    }

    /// Gives the identifier back now and tells whether that worked.
    consuming func close() -> Bool {
        let status = H5Idec_ref(id)
        discard self
        return status >= 0
    }
}

/// libhdf5 itself: one global lock, one error stack for each thread.
enum Library {
    /// The property list, or the error stack, that is used when nothing else is said.
    static let standard = hid_t(H5P_DEFAULT)
    /// All elements.
    static let all = hid_t(H5S_ALL)

    /// To be called by every way into libhdf5 on the thread at hand.
    static func enter() throws(HDF5Error) {
        almagest_h5_silence()
        guard isThreadSafe else { throw .unfitLibrary }
    }

    private static let isThreadSafe = almagest_h5_is_threadsafe() != 0

    /// What the failed call left on this thread's error stack, innermost first; the stack is cleared.
    static func explanation() -> String? {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer -> String in
            guard let base = buffer.baseAddress else { return "" }
            almagest_h5_explain(base, buffer.count)
            return String(cString: base)
        }
        return text.isEmpty ? nil : text
    }

    static func check(_ status: Int32, orThrow failure: (_ detail: String?) -> HDF5Error) throws(HDF5Error) {
        guard status >= 0 else { throw failure(explanation()) }
    }
}
