/// Which characters a text is made of, told from its UTF-8 eight bytes at a time.
enum TextRepertoire {
    @inline(__always)
    static func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress else { return true }
        guard text.count >= 8 else { return ByteWord.short(text) & ByteWord.tops == 0 }
        // The last eight bytes may have been looked at in part before.
        let last = text.count &- 8
        var found = base.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        var index = 0
        while index < last {
            found |= base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        return found & ByteWord.tops == 0
    }

    /// Copies a text of ASCII; `target` has room for eight bytes more.
    ///
    /// - Returns: whether it is one; what was written is void otherwise.
    @inline(__always)
    static func copyASCII(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> Bool {
        guard text.count >= 8, let base = text.baseAddress else {
            let word = ByteWord.short(text)
            target.storeBytes(of: word.littleEndian, as: UInt64.self)
            return word & ByteWord.tops == 0
        }
        let last = text.count &- 8
        var found = base.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        target.storeBytes(of: found, toByteOffset: last, as: UInt64.self)
        var index = 0
        while index < last {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            found |= word
            index &+= 8
        }
        return found & ByteWord.tops == 0
    }

    /// Writes the text with a question mark for each character beyond ASCII; returns the byte after it.
    static func writeASCII(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        for byte in text where byte & 0xC0 != 0x80 {
            end.storeBytes(of: byte < 0x80 ? byte : UInt8(ascii: "?"), as: UInt8.self)
            end += 1
        }
        return end
    }

    /// Writes the text as UTF-16, most significant byte first; needs twice its bytes, returns the byte after it.
    static func writeUTF16(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        _ = transcode(text.makeIterator(), from: UTF8.self, to: UTF16.self, stoppingOnError: false) { unit in
            end.storeBytes(of: unit.bigEndian, as: UInt16.self)
            end += 2
        }
        return end
    }
}
