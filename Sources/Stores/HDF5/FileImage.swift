import CHDF5
import Glibc

/// The bytes of a file in the making, mapped into memory, where libhdf5 writes them.
///
/// libhdf5 crashes when its own writes fail on a full disk. So it writes to memory that can't fail: each growth first reserves the space on
/// disk, and when there is none the image moves to plain memory and remembers the failure, which the writer asks for after every step.
final class FileImage {
    enum Failure {
        /// The system's number.
        case system(Int32)
        case tooLarge(limit: Int)
    }

    /// Why the disk can't hold the image any more.
    private(set) var failure: Failure?
    private let descriptor: Int32
    private let limit: Int?
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    /// Bytes of objects that were copied before libhdf5 was asked. It may take what follows for its own use.
    var copied = 0

    private static let step = 256 << 10
    private static let largestStep = 32 << 20

    /// Takes over the descriptor of an empty file, open for reading and writing.
    init(descriptor: Int32, limit: Int?) {
        self.descriptor = descriptor
        self.limit = limit
    }

    deinit {
        if let base { munmap(base, capacity) }
        close(descriptor)
    }

    /// The bytes so far; they move when room is made for more.
    var bytes: UnsafeMutableRawPointer? { base }

    /// Makes room for so many bytes; false when memory itself is short.
    func reserve(_ size: Int) -> Bool { size <= capacity || grow(to: size) != nil }

    /// Sets bytes to zero, as they were.
    func clear(_ range: Range<Int>) {
        base?.advanced(by: range.lowerBound).initializeMemory(as: UInt8.self, repeating: 0, count: range.count)
    }

    /// Makes room for so many bytes, keeping what is there; nil when memory itself is short.
    private func grow(to size: Int) -> UnsafeMutableRawPointer? {
        guard size > capacity else { return base }
        // With room to grow where the disk has it. The new mapping replaces the old one, so pages that are not touched again no longer
        // count as this process's memory.
        let ample = size + min(max(Self.step, size / 4), Self.largestStep)
        if failure == nil, let limit, size > limit + Self.increment { failure = .tooLarge(limit: limit) }
        if failure == nil {
            for wanted in [ample, size] {
                if reserveOnDisk(wanted), let moved = map(wanted, MAP_SHARED, descriptor) { return take(moved, wanted) }
            }
            failure = .system(errno)
        }
        guard let moved = map(ample, MAP_PRIVATE | MAP_ANONYMOUS, -1) else { return nil }
        if let base { moved.copyMemory(from: base, byteCount: capacity) }
        return take(moved, ample)
    }

    private func take(_ moved: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer {
        if let base { munmap(base, capacity) }
        (base, capacity) = (moved, size)
        return moved
    }

    private func reserveOnDisk(_ size: Int) -> Bool {
        let status = posix_fallocate(descriptor, 0, off_t(size))
        errno = status
        return status == 0
    }

    private func map(_ size: Int, _ flags: Int32, _ descriptor: Int32) -> UnsafeMutableRawPointer? {
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, flags, descriptor, 0)
        return address == MAP_FAILED ? nil : address
    }

    /// Makes a file created or opened with these properties live in this image, which must outlast it.
    ///
    /// - Parameter begun: how many bytes there are for one that is opened.
    func attach(to access: hid_t, begun: Int = 0) -> Bool {
        var callbacks = H5FD_file_image_callbacks_t()
        callbacks.udata = Unmanaged.passUnretained(self).toOpaque()
        callbacks.udata_copy = { $0 }
        callbacks.udata_free = { _ in 0 }
        // libhdf5 copies an image from one list of properties to the next; they all share this one.
        callbacks.image_malloc = { size, _, image in
            guard let image else { return nil }
            return Unmanaged<FileImage>.fromOpaque(image).takeUnretainedValue().grow(to: size)
        }
        callbacks.image_memcpy = { target, source, size, _, _ in
            if target != source.map({ UnsafeMutableRawPointer(mutating: $0) }), let target, let source { memcpy(target, source, size) }
            return target
        }
        callbacks.image_realloc = { _, size, _, image in
            guard let image else { return nil }
            return Unmanaged<FileImage>.fromOpaque(image).takeUnretainedValue().grow(to: size)
        }
        // The bytes outlive libhdf5's interest in them.
        callbacks.image_free = { _, _, _ in 0 }
        guard H5Pset_fapl_core(access, Self.increment, false) >= 0, H5Pset_file_image_callbacks(access, &callbacks) >= 0 else {
            return false
        }
        return begun == 0 || H5Pset_file_image(access, base, begun) >= 0
    }

    /// Whether what libhdf5 has written has the head of a reference type's description: class 7 of any version, an object or a region, its size.
    ///
    /// - Parameter size: bytes of the file by now.
    func holdsReferenceType(in size: Int) -> Bool {
        guard let base else { return false }
        let end = min(capacity, size) - 8
        for first in [0x17, 0x27, 0x37, 0x47] as [Int32] {
            var position = copied
            while position < end, let found = memchr(base + position, first, end - position) {
                let word = UInt64(littleEndian: UnsafeRawPointer(found).loadUnaligned(as: UInt64.self)) >> 8
                if word == 0x0800_0000 || word == 0x0C00_0001 { return true }
                position = base.distance(to: found) + 1
            }
        }
        return false
    }

    /// libhdf5 asks for memory in multiples of this, and clears it.
    private static let increment = 64 << 10

    /// Ends the file after its last byte, once libhdf5 has closed it, and waits until the disk has it if it is to last. Returns its size.
    func finish(durably: Bool) -> Int? {
        guard failure == nil, let base, capacity >= Superblock.bytes else { return nil }
        let size = Superblock.endOfFile(UnsafeRawPointer(base))
        if let limit, size > limit {
            failure = .tooLarge(limit: limit)
            return nil
        }
        guard size <= capacity, ftruncate(descriptor, off_t(size)) == 0, !durably || fsync(descriptor) == 0 else {
            failure = .system(errno)
            return nil
        }
        return size
    }
}

/// The start of an HDF5 file (HDF5 File Format Specification 3.0 §II.A).
enum Superblock {
    /// Of the longest version that is written here.
    static let bytes = 96
    static let signature: UInt64 = 0x0A1A_0A0D_4644_4889

    static func endOfFile(_ start: UnsafeRawPointer) -> Int {
        let isOld = start.load(fromByteOffset: 8, as: UInt8.self) < 2
        return Int(clamping: UInt64(littleEndian: start.loadUnaligned(fromByteOffset: isOld ? 40 : 28, as: UInt64.self)))
    }
}
