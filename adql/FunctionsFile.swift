/// The one list of functions: what names, SQL and capabilities all read.
package enum FunctionsFile {
    /// The text of `functions.yaml`, as it stood when the archive was built.
    package static var text: String { String(decoding: PackageResources.functions_yaml, as: UTF8.self) }
}
