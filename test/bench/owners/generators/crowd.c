/*
 * A crowd that does nothing: processes that each hold sockets, until this one is killed.
 *   crowd PROCESSES SOCKETS-EACH
 * Prints "ready".
 */
#include "traffic.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **words)
{
	must(count == 3, "usage: crowd PROCESSES SOCKETS-EACH");
	for (int number = 0; number < atoi(words[1]); number++) {
		pid_t child = fork();
		must(child >= 0, "fork");
		if (child > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int held = 0; held < atoi(words[2]); held++)
			connected("127.0.0.1", SOCK_DGRAM, 9);
		for (;;)
			pause();
	}
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
