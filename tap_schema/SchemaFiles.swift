/// The DDL and the dataset descriptors, compiled in.
package enum SchemaFiles {
    /// A file's name and text.
    package struct File: Sendable {
        package let name: String
        package let text: String

        init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            text = String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The DDL in the order of installation; each file may be run again and again.
    package static var ddl: [File] {
        [
            File("almagest.sql", PackageResources.almagest_sql),
            File("functions.sql", PackageResources.functions_sql),
            File("tap_schema.sql", PackageResources.tap_schema_sql),
            File("uploads.sql", PackageResources.uploads_sql),
            File("jobs.sql", PackageResources.jobs_sql),
            File("user_tables.sql", PackageResources.user_tables_sql),
        ]
    }

    /// The descriptor of TAP_SCHEMA itself.
    package static var tapSchemaDescriptor: File {
        File("tap_schema.yaml", PackageResources.tap_schema_yaml)
    }

    /// The descriptors of the collections that ship with the archive, by collection.
    package static var descriptors: [String: File] {
        ["gaia": File("gaia.yaml", PackageResources.gaia_yaml)]
    }
}
