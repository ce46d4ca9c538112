/*
 * Starts short-lived processes, one after the other but several alive at a time, and waits for all of them.
 *   spawn COUNT INTERVAL-MICROSECONDS ADDRESS BYTES PROGRAM…
 * The Nth process is the (N modulo number of programs)th program: `PROGRAM tcp-brief ADDRESS BYTES PORT`, each program
 * with a port of its own.
 */
#include "traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words)
{
	must(count >= 6, "usage: spawn COUNT INTERVAL ADDRESS BYTES PROGRAM...");
	int failed = 0, status;
	int programs = count - 5;
	for (int number = 0; number < atoi(words[1]); number++) {
		char port[16];
		char *program = words[5 + number % programs];
		snprintf(port, sizeof(port), "%d", FIRST_BRIEF_PORT + number % programs);
		pid_t child = fork();
		must(child >= 0, "fork");
		if (child == 0) {
			execl(program, program, "tcp-brief", words[3], words[4], port, (char *)NULL);
			must(0, "exec");
		}
		pause_microseconds(atol(words[2]));
	}
	while (wait(&status) > 0)
		failed += status != 0;
	printf("{\"failed\":%d}\n", failed);
	return failed == 0 ? 0 : 1;
}
