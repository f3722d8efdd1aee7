import CMalloc

/// What becomes of memory that the process has freed.
package enum HeapMemory {
    /// Keeps up to 64 MB of it for what comes next.
    ///
    /// By default glibc hands all but 128 kB at the end of the heap back to the kernel. A query of 100 kB of text then spent a fifth of its
    /// time, from text to SQL, in being given the same pages again.
    package static func keepFreed() {
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
        // Told of one bound, glibc no longer raises the other by itself: each batch of a large result, 341 kB, was pages that the kernel had to
        // clear first, which took 4 clients at once 7 % of their time.
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
    }
}
