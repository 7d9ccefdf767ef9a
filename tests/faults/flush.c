/* A disk that fails, or a process that dies, at one flush of the write-ahead log: put before the C library with LD_PRELOAD.
   While the file named by FLUSH_ARMED exists, FLUSH says what becomes of the next flush of a file whose name ends in “-wal”:
   “dies before” and “dies after” end the process by SIGKILL, “fails” answers EIO and has flushed nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_log(int file) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name - 1);
    return length > 4 && memcmp(name + length - 4, "-wal", 4) == 0;
}

static int flush(const char *call, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
    const char *armed = getenv("FLUSH_ARMED"), *fate = getenv("FLUSH");
    if (!armed || !fate || access(armed, F_OK) != 0 || !is_log(file)) return real(file);
    if (strcmp(fate, "fails") == 0) {
        errno = EIO;
        return -1;
    }
    if (strcmp(fate, "dies after") == 0) real(file);
    kill(getpid(), SIGKILL);
    return -1;
}

int fsync(int file) { return flush("fsync", file); }
int fdatasync(int file) { return flush("fdatasync", file); }
