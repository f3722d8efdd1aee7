// Shows libhdf5 to Swift. What the importer can't see (macros with commas, mutable globals, char constants) stands here as a
// static inline function; nothing else does.
#pragma once

#include <hdf5.h>
#include <stdio.h>

// MARK: - The library

/// Stops libhdf5 from printing its error stack. The setting belongs to the thread, so every way in calls this.
static inline void almagest_h5_silence(void) {
    static _Thread_local int done;
    if (!done) {
        H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
        done = 1;
    }
}

static inline int almagest_h5_is_threadsafe(void) {
    hbool_t answer = 0;
    return H5is_library_threadsafe(&answer) >= 0 && answer;
}

typedef struct {
    char *buffer;
    size_t capacity;
    size_t used;
} almagest_h5_text;

static inline herr_t almagest_h5_append(unsigned n, const H5E_error2_t *error, void *data) {
    almagest_h5_text *text = (almagest_h5_text *)data;
    if (error->desc == NULL || text->used + 3 >= text->capacity) return 0;
    int count = snprintf(
        text->buffer + text->used, text->capacity - text->used, "%s%s: %s", n == 0 ? "" : " < ",
        error->func_name ? error->func_name : "?", error->desc);
    if (count > 0) {
        text->used += (size_t)count;
        if (text->used >= text->capacity) text->used = text->capacity - 1;
    }
    return 0;
}

/// Writes this thread's error stack as one line, innermost cause first, and clears it.
static inline void almagest_h5_explain(char *buffer, size_t capacity) {
    almagest_h5_text text = {buffer, capacity, 0};
    buffer[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, almagest_h5_append, &text);
    H5Eclear2(H5E_DEFAULT);
}

// MARK: - Property list classes

static inline hid_t almagest_h5p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t almagest_h5p_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t almagest_h5p_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t almagest_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t almagest_h5p_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t almagest_h5p_object_copy(void) { return H5P_OBJECT_COPY; }

/// Keeps the metadata cache small. It grows while it helps, within the bound: a large one costs more than it saves when each
/// object is touched once.
static inline herr_t almagest_h5p_small_cache(hid_t access, size_t initial, size_t maximum) {
    H5AC_cache_config_t config;
    config.version = H5AC__CURR_CACHE_CONFIG_VERSION;
    herr_t status = H5Pget_mdc_config(access, &config);
    if (status < 0) return status;
    config.set_initial_size = 1;
    config.initial_size = initial;
    config.min_size = initial;
    config.max_size = maximum;
    return H5Pset_mdc_config(access, &config);
}

static inline herr_t almagest_h5p_latest(hid_t access) {
    return H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
}

// MARK: - Files

static inline unsigned almagest_h5f_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned almagest_h5f_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned almagest_h5f_truncate(void) { return H5F_ACC_TRUNC; }
static inline hsize_t almagest_h5s_unlimited(void) { return H5S_UNLIMITED; }

// MARK: - Types

static inline hid_t almagest_h5t_i8(void) { return H5T_STD_I8LE; }
static inline hid_t almagest_h5t_i16(void) { return H5T_STD_I16LE; }
static inline hid_t almagest_h5t_i32(void) { return H5T_STD_I32LE; }
static inline hid_t almagest_h5t_i64(void) { return H5T_STD_I64LE; }
static inline hid_t almagest_h5t_u8(void) { return H5T_STD_U8LE; }
static inline hid_t almagest_h5t_u16(void) { return H5T_STD_U16LE; }
static inline hid_t almagest_h5t_u32(void) { return H5T_STD_U32LE; }
static inline hid_t almagest_h5t_u64(void) { return H5T_STD_U64LE; }
static inline hid_t almagest_h5t_f32(void) { return H5T_IEEE_F32LE; }
static inline hid_t almagest_h5t_f64(void) { return H5T_IEEE_F64LE; }

/// A new string type, UTF-8; `size` 0 means variable length, else padded with zeros.
static inline hid_t almagest_h5t_string(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0) return type;
    herr_t status = H5Tset_size(type, size == 0 ? H5T_VARIABLE : size);
    if (status >= 0) status = H5Tset_cset(type, H5T_CSET_UTF8);
    if (status >= 0 && size != 0) status = H5Tset_strpad(type, H5T_STR_NULLPAD);
    if (status < 0) {
        H5Tclose(type);
        return -1;
    }
    return type;
}

// MARK: - Links

typedef void (*almagest_h5_link_visitor)(const char *name, int type, void *context);

typedef struct {
    almagest_h5_link_visitor visit;
    void *context;
} almagest_h5_visit;

static inline herr_t almagest_h5_forward(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    almagest_h5_visit *visit = (almagest_h5_visit *)data;
    visit->visit(name, (int)info->type, visit->context);
    return 0;
}

/// Shows each link of a group, sorted by the bytes of the name or in the library's own (faster) order.
static inline herr_t almagest_h5l_each(hid_t group, int sorted, almagest_h5_link_visitor visitor, void *context) {
    almagest_h5_visit visit = {visitor, context};
    return H5Literate(group, H5_INDEX_NAME, sorted ? H5_ITER_INC : H5_ITER_NATIVE, NULL, almagest_h5_forward, &visit);
}

// MARK: - Objects

/// The address of an open object in its file and the number of hard links to it.
static inline herr_t almagest_h5o_address(hid_t object, haddr_t *address, unsigned *links) {
    H5O_info_t info;
    herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC);
    if (status >= 0) {
        *address = info.addr;
        *links = info.rc;
    }
    return status;
}

static inline haddr_t almagest_h5_no_address(void) { return HADDR_UNDEF; }

typedef void (*almagest_h5_object_visitor)(const char *path, haddr_t address, void *context);

typedef struct {
    almagest_h5_object_visitor visit;
    void *context;
} almagest_h5_object_visit;

static inline herr_t almagest_h5_forward_object(hid_t root, const char *path, const H5O_info_t *info, void *data) {
    almagest_h5_object_visit *visit = (almagest_h5_object_visit *)data;
    visit->visit(path, info->addr, visit->context);
    return 0;
}

/// Shows an object and all below it, each once, by its path below the object; the object's own is `.`.
static inline herr_t almagest_h5o_each(hid_t object, almagest_h5_object_visitor visitor, void *context) {
    almagest_h5_object_visit visit = {visitor, context};
    return H5Ovisit2(object, H5_INDEX_NAME, H5_ITER_NATIVE, almagest_h5_forward_object, &visit, H5O_INFO_BASIC);
}
