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

    /// Makes room for so many bytes, keeping what is there; nil when memory itself is short.
    private func grow(to size: Int) -> UnsafeMutableRawPointer? {
        guard size > capacity else { return base }
        // With room to grow where the disk has it. The new mapping replaces the old one, so pages that are not touched again no longer
        // count as this process's memory.
        let ample = size + min(max(Self.step, size / 4), Self.largestStep)
        if failure == nil, let limit, size > limit + Self.increment { failure = .tooLarge(limit: limit) }
        if failure == nil {
            for wanted in [ample, size] {
                if reserve(wanted), let moved = map(wanted, MAP_SHARED, descriptor) { return take(moved, wanted) }
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

    private func reserve(_ size: Int) -> Bool {
        let status = posix_fallocate(descriptor, 0, off_t(size))
        errno = status
        return status == 0
    }

    private func map(_ size: Int, _ flags: Int32, _ descriptor: Int32) -> UnsafeMutableRawPointer? {
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, flags, descriptor, 0)
        return address == MAP_FAILED ? nil : address
    }

    /// Makes a file created with these properties live in this image, which must outlast it.
    func attach(to access: hid_t) -> Bool {
        var callbacks = H5FD_file_image_callbacks_t()
        callbacks.udata = Unmanaged.passUnretained(self).toOpaque()
        callbacks.udata_copy = { $0 }
        callbacks.udata_free = { _ in 0 }
        callbacks.image_realloc = { _, size, _, image in
            guard let image else { return nil }
            return Unmanaged<FileImage>.fromOpaque(image).takeUnretainedValue().grow(to: size)
        }
        // The bytes outlive libhdf5's interest in them.
        callbacks.image_free = { _, _, _ in 0 }
        return H5Pset_fapl_core(access, Self.increment, false) >= 0 && H5Pset_file_image_callbacks(access, &callbacks) >= 0
    }

    /// Whether the bytes have the head of a reference type's description: class 7 of any version, an object or a region, its size.
    var holdsReferenceType: Bool {
        guard let base, capacity >= Superblock.bytes else { return false }
        let end = min(capacity, Superblock.endOfFile(UnsafeRawPointer(base))) - 8
        for first in [0x17, 0x27, 0x37, 0x47] as [Int32] {
            var position = 0
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

/// The start of an HDF5 file (HDF5 File Format Specification 3.0 §II.A, versions 2 and 3).
private enum Superblock {
    static let bytes = 48

    static func endOfFile(_ start: UnsafeRawPointer) -> Int {
        Int(clamping: UInt64(littleEndian: start.loadUnaligned(fromByteOffset: 28, as: UInt64.self)))
    }
}
