// libpq, and the few calls of Linux that waiting on its socket needs and that Glibc's module leaves out.
#pragma once

#include <libpq-fe.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

// Character macros do not reach Swift.
static const int DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int DIAG_MESSAGE_DETAIL = PG_DIAG_MESSAGE_DETAIL;
static const int DIAG_CONTEXT = PG_DIAG_CONTEXT;
static const int DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;
static const int DIAG_SOURCE_FUNCTION = PG_DIAG_SOURCE_FUNCTION;

// Bytes that wait in the socket's receive buffer; ioctl is variadic and so out of Swift's reach.
static inline int socket_available(int socket) {
    int count = 0;
    return ioctl(socket, FIONREAD, &count) == 0 ? count : 0;
}

// Wakes once when the socket can be read (or has failed); the socket's number comes back with the event.
static inline int epoll_arm(int epoll, int operation, int socket) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data = {.fd = socket}};
    return epoll_ctl(epoll, operation, socket, &event);
}
