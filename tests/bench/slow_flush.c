/* Flushes as a real disk answers them: put before the C library with LD_PRELOAD, each fsync and fdatasync is made, and then
   waits as many microseconds as FLUSH_MICROSECONDS says. Nothing else is changed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void wait_for_the_platter(void) {
    const char *given = getenv("FLUSH_MICROSECONDS");
    long microseconds = given ? atol(given) : 0;
    struct timespec left = {microseconds / 1000000, (microseconds % 1000000) * 1000};
    while (nanosleep(&left, &left) == -1 && errno == EINTR) {
    }
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int answer = real(file);
    int kept = errno;
    wait_for_the_platter();
    errno = kept;
    return answer;
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int answer = real(file);
    int kept = errno;
    wait_for_the_platter();
    errno = kept;
    return answer;
}
