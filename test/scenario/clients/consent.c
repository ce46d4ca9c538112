/*
 * Stands in for pkexec(1) and for the person before its dialog: what is written in the file next to it is the answer.
 * It is installed with root's rights (execve(2), set-user-ID), so it asks who calls: only from the network namespace that it
 * was built for (NAMESPACE, the inode of /proc/self/ns/net, namespaces(7)) does it do anything, and nobody else can enter that.
 *
 * pkexec PROGRAM ARGUMENTS...
 */
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As pkexec says it where the dialog is dismissed ("RETURN VALUE"), and where it cannot ask. */
enum { dismissed = 126, unable = 127 };

static int isYes(void)
{
	char answer[4] = "";
	FILE *file = fopen(ANSWER, "r");
	if (file == NULL) return 0;
	size_t length = fread(answer, 1, sizeof answer - 1, file);
	fclose(file);
	return length == 3 && memcmp(answer, "yes", 3) == 0;
}

int main(int count, char *words[])
{
	struct stat namespace;
	if (count < 2 || stat("/proc/self/ns/net", &namespace) != 0 || namespace.st_ino != NAMESPACE) return unable;
	if (!isYes()) {
		fputs("Error executing command as another user: Request dismissed\n", stderr);
		return dismissed;
	}
	if (setgroups(0, NULL) != 0 || setgid(0) != 0 || setuid(0) != 0 || chdir("/root") != 0) return unable;
	/* What the caller's environment says is not believed ("SECURITY NOTES" of pkexec). */
	char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "SHELL=/bin/sh", NULL };
	execvpe(words[1], words + 1, environment);
	return unable;
}
