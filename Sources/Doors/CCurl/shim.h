// libcurl; its options are variadic and so out of Swift's reach.
#pragma once

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

typedef size_t (*almagest_curl_write)(char *bytes, size_t size, size_t count, void *user);
// 1 when a connection to that address, of 4 or 16 bytes, may be made.
typedef int (*almagest_curl_allow)(const unsigned char *address, int count, void *user);

typedef struct {
    almagest_curl_write write;
    almagest_curl_allow allow;
    void *user;
    int refused;
} almagest_curl_hooks;

// Every connection is made here, to the very address that was judged: no name is resolved a second time.
static inline curl_socket_t almagest_curl_open(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
    almagest_curl_hooks *hooks = (almagest_curl_hooks *)user;
    const unsigned char *bytes = NULL;
    int count = 0;
    if (address->family == AF_INET) {
        bytes = (const unsigned char *)&((const struct sockaddr_in *)&address->addr)->sin_addr;
        count = 4;
    } else if (address->family == AF_INET6) {
        bytes = (const unsigned char *)&((const struct sockaddr_in6 *)&address->addr)->sin6_addr;
        count = 16;
    }
    if (purpose != CURLSOCKTYPE_IPCXN || count == 0 || !hooks->allow(bytes, count, hooks->user)) {
        hooks->refused = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// One GET without redirects, proxies, cookies or credentials.
static inline CURLcode almagest_curl_get(
    CURL *curl, const char *url, const char *agent, almagest_curl_hooks *hooks, long connect_seconds, long seconds, long stall_seconds,
    char *error) {
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_NONE);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, agent);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stall_seconds);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, almagest_curl_open);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, hooks);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, hooks->write);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, hooks->user);
    hooks->refused = 0;
    return curl_easy_perform(curl);
}

static inline long almagest_curl_status(CURL *curl) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

// Absolute; lives as long as the handle's request.
static inline const char *almagest_curl_redirect(CURL *curl) {
    char *url = NULL;
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &url);
    return url;
}
